package place

// Need is what a resident comes for, in the words of an address (?besoin=demarches). Each stands for one of the nine
// services of the national standard.
type Need string

// Needs is a set of needs.
type Needs uint16

// needServices pairs the needs with the services, in the order in which pages offer them.
var needServices = []struct {
	need    Need
	service string
}{
	{"demarches", ServiceAdmin},
	{"apprendre", ServiceBasics},
	{"internet", ServiceAccess},
	{"emploi", ServiceJob},
	{"securite", ServiceSafety},
	{"materiel", ServiceEquipment},
	{"enfants", ServiceParents},
	{"loisirs", ServiceLeisure},
	{"comprendre", ServiceCulture},
}

// needsOf reads the services of a place.
func needsOf(services List) Needs {
	var out Needs
	for i, n := range needServices {
		if services.Has(n.service) {
			out |= 1 << i
		}
	}
	return out
}

// List returns the needs of the set in the order in which pages offer them.
func (s Needs) List() []Need {
	var out []Need
	for i, n := range needServices {
		if s&(1<<i) != 0 {
			out = append(out, n.need)
		}
	}
	return out
}
