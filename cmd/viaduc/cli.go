package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"

	"github.com/alecthomas/kong"

	"viaduc/internal/app"
	"viaduc/internal/config"
	"viaduc/internal/platform/i18n"
)

// The exit codes.
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2
)

// cli is the command line. Later modules add "viaduc <module> <verb>".
type cli struct {
	config.Config
	JSON bool `name:"json" help:"Écrire un objet JSON par ligne, pour un programme."`

	Serve     serveCmd     `cmd:"" help:"Servir le site."`
	Demo      demoCmd      `cmd:"" help:"Montrer un territoire d'exemple, sur cette machine seulement."`
	Place     placeCmd     `cmd:"" help:"Les lieux : importer, exporter, confirmer, lire les erreurs signalées."`
	Agenda    agendaCmd    `cmd:"" help:"L'agenda : l'affiche d'une semaine, les temps de trajet, les comptes."`
	Geo       geoCmd       `cmd:"" help:"Les communes, leurs contours, les vacances scolaires : importer."`
	Territory territoryCmd `cmd:"" help:"Ce que le territoire dit de lui : nom, téléphone, mentions."`
	User      userCmd      `cmd:"" help:"Les personnes : inviter, lister, fermer, rouvrir, débloquer."`
	Org       orgCmd       `cmd:"" help:"Les structures : lister, ajouter, réunir."`
	Audit     auditCmd     `cmd:"" help:"Le journal : vérifier, chercher."`
	Retention retentionCmd `cmd:"" help:"Ce qui est gardé, pourquoi, combien de temps ; effacer ce qui a fait son temps."`
	Notice    noticeCmd    `cmd:"" help:"Les messages envoyés aux gens : voir, renvoyer, plafonner les SMS."`
	Jobs      jobsCmd      `cmd:"" help:"Les travaux faits derrière le site : voir, reprendre."`
	Migrate   migrateCmd   `cmd:"" help:"Mettre la base au schéma de ce programme."`
	Doctor    doctorCmd    `cmd:"" help:"Vérifier l'installation et dire quoi faire."`
	Version   versionCmd   `cmd:"" help:"Dire la version."`
}

// run is what every command is given.
type run struct {
	ctx  context.Context
	cfg  config.Config
	json bool
	Streams
	words *i18n.Printer
}

// failure is a refusal in French, already complete: what is wrong and what to do.
type failure string

func (f failure) Error() string { return string(f) }

func failf(format string, args ...any) error { return failure(fmt.Sprintf(format, args...)) }

// Run reads the command line, runs the command and returns the exit code.
func Run(ctx context.Context, args []string, s Streams) int {
	var c cli
	exited := -1
	parser, err := kong.New(&c, kong.Name("viaduc"), kong.Description("Le programme d'inclusion numérique d'un territoire."),
		kong.Writers(s.Out, s.Err), kong.Help(printHelp), kong.Exit(func(code int) { exited = code }), kong.UsageOnError(),
		kong.Vars{"demo_addr": defaultDemoAddr, "serve_addr": defaultServeAddr})
	if err != nil {
		panic(err) // a mistake in the tags above
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	kctx, err := parser.Parse(args)
	if exited >= 0 {
		return exited
	}
	if err != nil {
		fmt.Fprintf(s.Err, "viaduc : %s\nPour l'aide : viaduc --help\n", inFrench(err))
		return exitUsage
	}
	catalog, err := app.Catalog()
	if err != nil {
		panic(err) // embedded and tested
	}
	r := &run{ctx: ctx, json: c.JSON, Streams: s, words: catalog.Printer(i18n.French)}
	if r.cfg, err = c.Config.Load(); err == nil {
		err = kctx.Run(r)
	}
	return r.report(err)
}

// report says in French why a command failed and returns its exit code.
func (r *run) report(err error) int {
	switch {
	case err == nil:
		return exitDone
	case errors.Is(err, errReported):
		return exitFailed
	}
	text := r.explain(err)
	if r.json {
		r.line(map[string]any{"error": text})
	} else {
		fmt.Fprintf(r.Err, "viaduc : %s\n", text)
	}
	var usage usageError
	if errors.As(err, &usage) {
		return exitUsage
	}
	return exitFailed
}

// errReported says that the command has already said all there is to say.
var errReported = errors.New("reported")

// usageError is a command that cannot be meant, found after parsing.
type usageError string

func (u usageError) Error() string { return string(u) }

// line writes one JSON object on its line.
func (r *run) line(v any) {
	raw, err := json.Marshal(v)
	if err != nil {
		panic(err) // only maps and structs of plain values come here
	}
	fmt.Fprintf(r.Out, "%s\n", raw)
}

// say writes a line for people.
func (r *run) say(format string, args ...any) { fmt.Fprintf(r.Out, format+"\n", args...) }

// inFrench turns what the parser refuses into French. The parser's own words are few; a test holds each.
func inFrench(err error) string {
	text := err.Error()
	for _, p := range parserWords {
		if p.english.MatchString(text) {
			return p.english.ReplaceAllString(text, p.french)
		}
	}
	return text
}

var parserWords = []struct {
	english *regexp.Regexp
	french  string
}{
	{regexp.MustCompile(`^unknown flag (--?\S+?)(?:, did you mean "(.*)"\?)?$`), "option inconnue $1."},
	{regexp.MustCompile(`^unexpected argument (\S+?)(?:, did you mean "(.*)"\?)?$`), "mot inconnu ou de trop : $1."},
	{regexp.MustCompile(`^(--\S+): expected .* value but got "EOL".*$`), "il manque une valeur après $1."},
	{regexp.MustCompile(`^(--\S+): expected .* (?:int|value) but got "([^"]*)".*$`), "$1 demande un nombre entier, et non « $2 »."},
	{regexp.MustCompile(`^(--\S+) must be one of (.+) but got (.+)$`), "$1 doit être $2, et non $3."},
	{regexp.MustCompile(`^expected one of (.+)$`), "il manque un mot parmi $1."},
	{regexp.MustCompile(`^expected (.+)$`), "il manque $1."},
	{regexp.MustCompile(`^missing flags?: (.+)$`), "il manque $1."},
}
