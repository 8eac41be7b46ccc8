// Package config is the one struct of technical settings: flags of the command line, or the environment. What a
// territory writes (name, telephone, legal statements) is data, never configuration.
//
// The embedded mode needs none: a folder holds everything. The scaled mode is chosen by a database address.
package config

import (
	"errors"
	"os"
	"path/filepath"
	"strings"

	"viaduc/internal/platform/fetch"
	"viaduc/internal/platform/tile"
)

// Config says where the data is and who is asked for what the data does not hold. The tags name the flag, the environment variable and the help of each setting.
type Config struct {
	Data        string `name:"data" default:"./data" env:"VIADUC_DATA" placeholder:"DOSSIER" help:"Dossier des données : la base est DOSSIER/viaduc.db."`
	DatabaseURL string `name:"database-url" env:"VIADUC_DATABASE_URL" placeholder:"ADRESSE" help:"Base PostgreSQL, à la place du fichier (postgres://...)."`
	PublicURL   string `name:"public-url" env:"VIADUC_PUBLIC_URL" placeholder:"ADRESSE" help:"Adresse publique du site, pour les liens des messages : https://..."`
	GeocoderURL string `name:"geocoder-url" env:"VIADUC_GEOCODER_URL" placeholder:"ADRESSE" help:"Service qui situe les adresses, comme https://data.geopf.fr/geocodage. Sans rien : les communes seules."`
	TilesURL    string `name:"tiles-url" env:"VIADUC_TILES_URL" placeholder:"ADRESSE" help:"Fond de la carte détaillée, comme https://hote/{z}/{x}/{y}.png. Sans rien : les contours importés."`
	TilesSource string `name:"tiles-attribution" env:"VIADUC_TILES_ATTRIBUTION" placeholder:"TEXTE" help:"Ce que le fournisseur du fond demande d'écrire sur la carte."`
	RegisterURL string `name:"register-url" env:"VIADUC_REGISTER_URL" placeholder:"ADRESSE" help:"Registre des organisations, comme https://recherche-entreprises.api.gouv.fr. Sans rien : le SIRET est vérifié par sa clé seule."`
	GeoURL      string `name:"geo-url" env:"VIADUC_GEO_URL" default:"https://geo.api.gouv.fr" placeholder:"ADRESSE" help:"Service des communes et de leurs contours, pour viaduc geo fetch."`
	JournalKey  string `kong:"-"` // from VIADUC_JOURNAL_KEY or VIADUC_JOURNAL_KEY_FILE: secrets are no flags

	// Messages. Without a mail server they are shown on a screen, and go nowhere.
	SMTPURL  string `kong:"-"` // VIADUC_SMTP_URL: smtps://user:password@host:465
	MailFrom string `kong:"-"` // VIADUC_MAIL_FROM: an address, or "Nom <adresse>"
	SMSURL   string `kong:"-"` // VIADUC_SMS_URL: json+https://:TOKEN@host/path?from=NAME, see platform/sms
	SMSPrice string `kong:"-"` // VIADUC_SMS_PRICE: euros for a segment, 0.05 where nothing is said

	// Identity providers that people may log in with.
	ProConnect    Federation `kong:"-"` // VIADUC_PROCONNECT_ISSUER, _CLIENT_ID, _CLIENT_SECRET, _ACR
	FranceConnect Federation `kong:"-"` // VIADUC_FRANCECONNECT_ISSUER and so on
}

// Federation is what an instance is registered with at an identity provider; the zero value is not at all.
type Federation struct {
	Issuer       string // https://...
	ClientID     string
	ClientSecret string
	ACR          string // the least level, "eidas1" where nothing is said
}

// Set reports whether the provider is to be used.
func (f Federation) Set() bool { return f != Federation{} }

// Load adds the secrets of the environment: VIADUC_X, or the content of the file that VIADUC_X_FILE names; the same
// goes for the addresses of the database, the mail server and the SMS gateway, which may hold a password. It reports every fault at once.
func (c Config) Load() (Config, error) {
	var errs []error
	secret := func(name, held string) string {
		file := os.Getenv(name + "_FILE")
		if held == "" {
			held = os.Getenv(name)
		}
		if file == "" || held != "" {
			return held
		}
		raw, err := os.ReadFile(file)
		if err != nil {
			errs = append(errs, err)
		}
		return strings.TrimSpace(string(raw))
	}
	c.DatabaseURL = secret("VIADUC_DATABASE_URL", c.DatabaseURL)
	c.JournalKey = secret("VIADUC_JOURNAL_KEY", c.JournalKey)
	c.SMTPURL = secret("VIADUC_SMTP_URL", c.SMTPURL)
	c.SMSURL = secret("VIADUC_SMS_URL", c.SMSURL)
	for name, field := range map[string]*string{"VIADUC_MAIL_FROM": &c.MailFrom, "VIADUC_SMS_PRICE": &c.SMSPrice} {
		if *field == "" {
			*field = os.Getenv(name)
		}
	}
	for name, f := range map[string]*Federation{"VIADUC_PROCONNECT": &c.ProConnect, "VIADUC_FRANCECONNECT": &c.FranceConnect} {
		for part, field := range map[string]*string{"_ISSUER": &f.Issuer, "_CLIENT_ID": &f.ClientID, "_CLIENT_SECRET": &f.ClientSecret, "_ACR": &f.ACR} {
			*field = secret(name+part, *field)
		}
	}
	if c.Data == "" && c.DatabaseURL == "" {
		errs = append(errs, errors.New("neither a data folder nor a database address"))
	}
	if c.GeocoderURL != "" && fetch.HostPort(c.GeocoderURL) == "" {
		errs = append(errs, ErrGeocoderURL)
	}
	c.TilesURL = secret("VIADUC_TILES_URL", c.TilesURL) // it may hold a key
	if c.TilesURL != "" && tile.Check(c.TilesURL) != nil {
		errs = append(errs, ErrTilesURL)
	}
	if c.TilesURL != "" && strings.TrimSpace(c.TilesSource) == "" {
		errs = append(errs, ErrTilesSource)
	}
	if c.RegisterURL != "" && fetch.HostPort(c.RegisterURL) == "" {
		errs = append(errs, ErrRegisterURL)
	}
	return c, errors.Join(errs...)
}

// ErrRegisterURL says that the address of the register of organisations is none of http or https, or holds a password.
var ErrRegisterURL = errors.New("the address of the register cannot be read")

// ErrGeocoderURL says that the geocoder's address is none of http or https, or holds a password.
var ErrGeocoderURL = errors.New("the geocoder's address cannot be read")

// ErrTilesURL says that the address of the map's squares is none of http or https, holds a password, or lacks {z}, {x} or {y}.
var ErrTilesURL = errors.New("the address of the map's squares cannot be read")

// ErrTilesSource says that a provider of the map's squares is named, and not what it asks to be written on the map.
var ErrTilesSource = errors.New("the map's squares have no attribution")

// Scaled reports whether the data is in a PostgreSQL database rather than in a folder.
func (c Config) Scaled() bool { return c.DatabaseURL != "" }

// DatabaseFile is the SQLite file of the embedded mode.
func (c Config) DatabaseFile() string { return filepath.Join(c.Data, "viaduc.db") }

// JournalKeyFile is where the embedded mode keeps the key that signs the journal.
func (c Config) JournalKeyFile() string { return filepath.Join(c.Data, "journal.key") }
