package main

import (
	"fmt"
	"strings"

	"github.com/alecthomas/kong"
)

// printHelp writes the help of a command in French.
func printHelp(_ kong.HelpOptions, ctx *kong.Context) error {
	node := ctx.Selected()
	if node == nil {
		node = ctx.Model.Node
	}
	out := ctx.Stdout
	fmt.Fprintf(out, "%s\n\nUsage : viaduc %s\n", about(ctx, node), strings.TrimSpace(usage(node)))
	if len(node.Children) > 0 {
		fmt.Fprintln(out, "\nCommandes :")
		for _, leaf := range node.Leaves(true) {
			fmt.Fprintf(out, "  %-26s %s\n", strings.TrimPrefix(leaf.Path(), "viaduc "), leaf.Help)
		}
	}
	for i, p := range node.Positional {
		if i == 0 {
			fmt.Fprintln(out, "\nArguments :")
		}
		fmt.Fprintf(out, "  %-26s %s\n", p.Summary(), p.Help)
	}
	fmt.Fprintln(out, "\nOptions :")
	for _, group := range node.AllFlags(true) {
		for _, f := range group {
			fmt.Fprintf(out, "  %-26s %s\n", flagName(f), flagHelp(f))
		}
	}
	if node == ctx.Model.Node {
		fmt.Fprintln(out, "\nPour essayer : viaduc demo\nPour une commande : viaduc COMMANDE --help")
	}
	return nil
}

func about(ctx *kong.Context, node *kong.Node) string {
	if node.Help == "" {
		return ctx.Model.Help
	}
	return node.Help
}

func usage(node *kong.Node) string {
	path := strings.TrimPrefix(node.Path(), "viaduc")
	for _, p := range node.Positional {
		path += " " + p.Summary()
	}
	if len(node.Children) > 0 {
		path += " COMMANDE"
	}
	return path + " [options]"
}

func flagName(f *kong.Flag) string {
	name := "--" + f.Name
	if !f.IsBool() {
		name += "=" + strings.Trim(f.FormatPlaceHolder(), `"`)
	}
	return name
}

func flagHelp(f *kong.Flag) string {
	help := f.Help
	if f.Name == "help" {
		help = "Cette aide."
	}
	if len(f.Envs) > 0 {
		help += " [" + strings.Join(f.Envs, ", ") + "]"
	}
	return help
}
