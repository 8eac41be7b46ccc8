package api

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"viaduc/internal/platform/fault"
	"viaduc/internal/platform/httpx"
)

// Schema is the part of JSON Schema that our documents use.
type Schema struct {
	Type        string            `json:"type,omitempty"`
	Format      string            `json:"format,omitempty"`
	Description string            `json:"description,omitempty"`
	Minimum     *float64          `json:"minimum,omitempty"`
	Maximum     *float64          `json:"maximum,omitempty"`
	Enum        []string          `json:"enum,omitempty"`
	Items       *Schema           `json:"items,omitempty"`
	Properties  map[string]Schema `json:"properties,omitempty"`
	Required    []string          `json:"required,omitempty"`
}

// Between returns a schema of numbers from low to high.
func Between(kind string, low, high float64) Schema {
	return Schema{Type: kind, Minimum: &low, Maximum: &high}
}

// problemSchema is the schema of Problem.
var problemSchema = Schema{Type: "object", Required: []string{"title", "status", "detail"}, Properties: map[string]Schema{
	"title": {Type: "string"}, "status": {Type: "integer"}, "detail": {Type: "string", Description: "Ce qui ne va pas, en français."},
	"fields": {Type: "object", Description: "Ce qui ne va pas, par paramètre."},
}}

// Document returns the OpenAPI 3.1 document of the operations. It reports two operations of one name or address.
func Document(operations []Operation) ([]byte, error) {
	paths := map[string]any{}
	ids := map[string]bool{}
	for _, op := range operations {
		if paths[op.Path] != nil || ids[op.ID] {
			return nil, fmt.Errorf("api: %s %s is there twice", op.ID, op.Path)
		}
		ids[op.ID] = true
		paths[op.Path] = map[string]any{"get": describe(op)}
	}
	return json.MarshalIndent(map[string]any{
		"openapi": "3.1.0",
		"info": map[string]any{
			"title":       "Viaduc : données publiques",
			"version":     "1",
			"description": "Les lieux d'aide numérique d'un territoire. Sans clé, en lecture seule, sans donnée personnelle.",
			"license":     map[string]any{"name": "EUPL-1.2", "identifier": "EUPL-1.2"},
		},
		"servers": []any{map[string]any{"url": Prefix}},
		"paths":   paths,
	}, "", "  ")
}

func describe(op Operation) map[string]any {
	params := []any{}
	for _, p := range op.Params {
		one := map[string]any{"name": p.Name, "in": p.In, "description": p.About, "required": p.Required, "schema": p.Schema}
		if p.Example != nil {
			one["example"] = p.Example
		}
		params = append(params, one)
	}
	answers := map[string]any{"200": content("application/json", "La réponse.", op.Answer)}
	for _, kind := range op.Faults {
		answers[strconv.Itoa(httpx.Status(kind))] = content("application/problem+json", faultWords[kind], problemSchema)
	}
	return map[string]any{"operationId": op.ID, "summary": op.Summary, "parameters": params, "responses": answers}
}

var faultWords = map[fault.Kind]string{
	fault.Invalid:  "Un paramètre n'a pas la bonne forme.",
	fault.NotFound: "Rien à cette adresse.",
}

func content(mediaType, about string, s Schema) map[string]any {
	return map[string]any{"description": about, "content": map[string]any{mediaType: map[string]any{"schema": s}}}
}

// Conforms reports the first way in which a JSON value breaks s; tests hold real answers against the document with it.
func (s Schema) Conforms(value any) error { return s.conforms("$", value) }

func (s Schema) conforms(at string, value any) error {
	ok := true
	switch s.Type {
	case "object":
		var object map[string]any
		if object, ok = value.(map[string]any); ok {
			return s.properties(at, object)
		}
	case "array":
		var list []any
		if list, ok = value.([]any); ok && s.Items != nil {
			for i, one := range list {
				if err := s.Items.conforms(at+"["+strconv.Itoa(i)+"]", one); err != nil {
					return err
				}
			}
		}
	case "string":
		var text string
		text, ok = value.(string)
		if ok && s.Enum != nil && !strings.Contains("\x00"+strings.Join(s.Enum, "\x00")+"\x00", "\x00"+text+"\x00") {
			return fmt.Errorf("%s: %q is not in the list", at, text)
		}
	case "integer":
		var n float64
		n, ok = value.(float64)
		ok = ok && n == float64(int64(n))
	case "number":
		_, ok = value.(float64)
	case "boolean":
		_, ok = value.(bool)
	}
	if !ok {
		return fmt.Errorf("%s: %v is no %s", at, value, s.Type)
	}
	return nil
}

func (s Schema) properties(at string, object map[string]any) error {
	for _, name := range s.Required {
		if _, ok := object[name]; !ok {
			return fmt.Errorf("%s: %s is missing", at, name)
		}
	}
	for name, one := range object {
		p, ok := s.Properties[name]
		if !ok {
			if s.Properties == nil {
				continue
			}
			return fmt.Errorf("%s: %s is not in the document", at, name)
		}
		if err := p.conforms(at+"."+name, one); err != nil {
			return err
		}
	}
	return nil
}
