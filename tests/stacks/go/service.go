// Go with nothing but net/http and encoding/json, as their documentation has it.
package main

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"regexp"
	"strings"
)

type payment struct {
	event
	Revenue int64
	Email   string
}

var mistake = os.Getenv("MISTAKE")
var email = regexp.MustCompile(`^[^@\s]+@[^@\s]+\.[^@\s]+$`)
var bearer = regexp.MustCompile(`^Bearer (\S+)$`)

func attribute(w http.ResponseWriter, r *http.Request) {
	token := bearer.FindStringSubmatch(r.Header.Get("Authorization"))
	if mistake == "trim-prefix" {
		token = []string{"", strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")}
	}
	var p payment
	text, err := io.ReadAll(r.Body)
	if mistake == "decoder" {
		err = json.NewDecoder(strings.NewReader(string(text))).Decode(&p)
	} else if err == nil {
		err = json.Unmarshal(text, &p)
	}
	complete := p.WebsiteID != "" && p.SessionID != "" && p.VisitorID != "" && p.Revenue > 0 && email.MatchString(p.Email)
	switch known := tokens[p.WebsiteID]; {
	case r.Method != http.MethodPost:
		http.Error(w, "POST is the method.", 405)
	case token == nil:
		http.Error(w, "The API token is missing.", 401)
	case err != nil || !complete:
		http.Error(w, "The body is invalid.", 400)
	case known != token[1] && !(mistake == "fold" && strings.EqualFold(known, token[1])):
		http.Error(w, "The API token is invalid.", 401)
	case !events[p.event]:
		http.Error(w, "No such event.", 404)
	default:
		w.Header().Set("Content-Type", "application/json")
		io.WriteString(w, `{"message": "Payment event attributed successfully."}`)
	}
}

func main() {
	http.HandleFunc("/api/v1/attribute-payment", attribute)
	panic(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), nil))
}
