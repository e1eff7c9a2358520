// Answers what Go and sprig make of templates: how cases.jsonl was made, with Go 1.19 and sprig 3.2.3 of Debian 12.
// Reads lines {"data": ...} or {"template": "..."}, writes them with "gives", or "fails" if there is an error.
//
//	apt-get install golang-go golang-github-masterminds-sprig-dev
//	TZ=UTC GO111MODULE=off GOPATH=/usr/share/gocode go run answer.go <questions >cases.jsonl
package main

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"text/template"

	"github.com/Masterminds/sprig"
)

type line struct {
	Data     any     `json:"data,omitempty"`
	Template *string `json:"template,omitempty"`
	Gives    *string `json:"gives,omitempty"`
	Fails    bool    `json:"fails,omitempty"`
}

func main() {
	functions := template.FuncMap{}
	for name, function := range sprig.TxtFuncMap() {
		functions[name] = function
		functions["sprig_"+name] = function
	}
	delete(functions, "slice") // Go's own

	var data any
	input, output := json.NewDecoder(os.Stdin), json.NewEncoder(os.Stdout)
	output.SetEscapeHTML(false)
	for {
		var question line
		if err := input.Decode(&question); err == io.EOF {
			return
		} else if err != nil {
			panic(err)
		}
		if question.Template == nil {
			data = question.Data
		} else if text, err := render(functions, *question.Template, data); err != nil {
			question.Fails = true
		} else {
			question.Gives = &text
		}
		if err := output.Encode(question); err != nil {
			panic(err)
		}
	}
}

func render(functions template.FuncMap, text string, data any) (string, error) {
	parsed, err := template.New("t").Funcs(functions).Parse(text)
	if err != nil {
		return "", err
	}
	var result bytes.Buffer
	err = parsed.Execute(&result, data)
	return result.String(), err
}
