package main

import (
	"context"
	"encoding/csv"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"viaduc/internal/app"
	"viaduc/internal/audit"
	"viaduc/internal/config"
	"viaduc/internal/identity"
	"viaduc/internal/place"
	"viaduc/internal/territory"
)

func (b *bench) realCensus() string { return filepath.Join(b.data, "lieux", "lieux-france.csv") }

// census is a data folder with the communes and the places that the searches run over, made once.
func (b *bench) census(ctx context.Context) (string, error) {
	dir := filepath.Join(b.dir, "many")
	if _, err := os.Stat(dir); err == nil {
		return dir, nil
	}
	file, err := displaced(b.realCensus(), dir+".csv", b.places)
	if err != nil {
		return "", err
	}
	defer file.Close()
	if err := b.fill(ctx, dir, file); err != nil {
		return "", errors.Join(err, os.RemoveAll(dir)) // half a census is none
	}
	return dir, nil
}

// index is the same places in memory, ready to be searched as Go calls.
func (b *bench) index(ctx context.Context) (*place.Index, *territory.Gazetteer, error) {
	dir, err := b.census(ctx)
	if err != nil {
		return nil, nil, err
	}
	core, err := app.Open(ctx, config.Config{Data: dir}, app.Options{})
	if err != nil {
		return nil, nil, err
	}
	defer core.Close()
	if err := core.Refresh(ctx); err != nil {
		return nil, nil, err
	}
	x := core.Places.Index()
	x.Warm(now)
	return x, core.Territory.Gazetteer(), nil
}

// fill makes a data folder with the communes and a census file.
func (b *bench) fill(ctx context.Context, dir string, census *os.File) error {
	core, err := app.Open(ctx, config.Config{Data: dir}, app.Options{})
	if err != nil {
		return err
	}
	defer core.Close()
	communes, err := os.Open(filepath.Join(b.data, "geo", "communes-2026.csv"))
	if err != nil {
		return err
	}
	defer communes.Close()
	if _, err := core.Territory.ImportCommunes(ctx, audit.CLI, communes); err != nil {
		return err
	}
	if _, err := core.Places.Import(ctx, identity.AtCLI(), census, place.ImportOptions{}); err != nil {
		return err
	}
	_, err = core.Journal.Sequence(ctx) // so that a start measures serving, not catching up
	return err
}

// displaced writes a census of n places: the real ones, then copies moved by a few kilometres under new ids.
func displaced(from, to string, n int) (*os.File, error) {
	raw, err := os.ReadFile(from)
	if err != nil {
		return nil, err
	}
	rows, err := csv.NewReader(strings.NewReader(string(raw))).ReadAll()
	if err != nil {
		return nil, err
	}
	header, rows := rows[0], rows[1:]
	lat, lon := slices.Index(header, "latitude"), slices.Index(header, "longitude")
	out, err := os.Create(to)
	if err != nil {
		return nil, err
	}
	w := csv.NewWriter(out)
	_ = w.Write(header) // errors stay until Flush
	r := rand.New(rand.NewPCG(2, 2))
	for i := range n {
		row := slices.Clone(rows[i%len(rows)])
		if i >= len(rows) {
			row[0] += "_" + strconv.Itoa(i)
			row[lat], row[lon] = moved(row[lat], r), moved(row[lon], r)
		}
		_ = w.Write(row)
	}
	w.Flush()
	if err := w.Error(); err != nil {
		return nil, err
	}
	_, err = out.Seek(0, 0)
	return out, err
}

// moved shifts a coordinate by up to a tenth of a degree.
func moved(degrees string, r *rand.Rand) string {
	v, err := strconv.ParseFloat(degrees, 64)
	if err != nil {
		return degrees
	}
	return strconv.FormatFloat(v+(r.Float64()-0.5)/5, 'f', 6, 64)
}
