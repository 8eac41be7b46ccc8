package app

import (
	"viaduc/internal/place"
	placeweb "viaduc/internal/place/web"
	"viaduc/internal/territory"
)

// grounds are the drawings of the départements that have places and whose outlines are held, for the detailed map.
func (a *App) grounds() []placeweb.Ground {
	var out []placeweb.Ground
	for _, code := range a.Places.Index().Departments() {
		g, ok := a.Territory.Ground(territory.Area{Kind: territory.DepartmentArea, Code: code, Name: territory.DepartmentName(code)})
		if !ok {
			continue
		}
		least, most := g.Point(0, float64(g.Height)), g.Point(float64(g.Width), 0)
		out = append(out, placeweb.Ground{
			Path: "/fonds/" + g.File, Width: g.Width, Height: g.Height,
			Bounds: place.Bounds{West: least.Lon, South: least.Lat, East: most.Lon, North: most.Lat},
		})
	}
	return out
}
