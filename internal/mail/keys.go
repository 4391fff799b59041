package mail

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A letter with keys is stored without them: where one stands in its words, they have a mark, and keys are put in when it
// leaves. Staff see {link} instead of an address with a key, and can change all words around it.
//
// The mark is made of a character that no words can hold: cleanWords takes it from all that is typed.
const keyMark = "\x1a"

// noKeys is what the column says once a letter is dealt with: it had keys, and they are gone.
const noKeys = "[]"

var (
	wholeKey = regexp.MustCompile(`^[A-Za-z0-9._-]{16,200}$`)
	// locked is an address with the mark of a key, or the mark alone.
	locked = regexp.MustCompile(`(?:https?://[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+;=%,]*)?` + keyMark + `[0-9]` + keyMark + `(?:[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+;=%,]*[A-Za-z0-9\-_~/#@$&*+=%])?`)
	braced = regexp.MustCompile(`\{(link[0-9]?)\}`)
)

func mark(i int) string { return keyMark + strconv.Itoa(i) + keyMark }

// lock takes the keys out of a letter that is clean, and gives what the column holds.
func (l *Letter) lock() (string, error) {
	l.HTML = strings.ReplaceAll(l.HTML, keyMark, "")
	if len(l.Keys) == 0 {
		return "", nil
	}
	if len(l.Keys) > 10 {
		return "", fmt.Errorf("a letter with %d keys", len(l.Keys))
	}
	for i, key := range l.Keys {
		if !wholeKey.MatchString(key) || !strings.Contains(l.Text, key) {
			return "", fmt.Errorf("a letter's key is none, or does not stand in it")
		}
		for _, words := range []*string{&l.Text, &l.HTML, &l.Unsubscribe} {
			*words = strings.ReplaceAll(*words, key, mark(i))
		}
		if strings.Contains(l.Subject, key) {
			return "", fmt.Errorf("a letter's key stands in its subject")
		}
	}
	raw, err := json.Marshal(l.Keys)
	return string(raw), err
}

// keys are those a row still holds.
func (r *row) keys() (keys []string) {
	_ = json.Unmarshal([]byte(r.Keys), &keys) // an empty column is none
	return keys
}

// unlock puts the keys of a row into words of it.
func (r *row) unlock(words string) string {
	for i, key := range r.keys() {
		words = strings.ReplaceAll(words, mark(i), key)
	}
	return words
}

// relock is the other way round.
func (r *row) relock(words string) string {
	for i, key := range r.keys() {
		words = strings.ReplaceAll(words, key, mark(i))
	}
	return words
}

// bare says that the letter had keys, or held them in its words, and that nothing of it can be sent any more.
func (r *row) bare() bool {
	return r.Keys == noKeys || r.Secret && (r.State == Bounced || r.State == Failed)
}

// KeyLink is an address with a key, as staff see it.
type KeyLink struct {
	Name    string // stands for it in the words, in braces
	Address string // with … where the key is
}

// links are the addresses with keys in a row's words, in their order, with their marks.
func (r *row) links() []string {
	var out []string
	for _, a := range locked.FindAllString(r.Text, -1) {
		if !slices.Contains(out, a) && len(out) < 9 {
			out = append(out, a)
		}
	}
	return out
}

func linkName(i int) string {
	if i == 0 {
		return "link"
	}
	return "link" + strconv.Itoa(i+1)
}

var anyMark = regexp.MustCompile(keyMark + `[0-9]` + keyMark)

// hidden is words with … where keys are.
func hidden(words string) string { return anyMark.ReplaceAllString(words, "…") }

// shown are the words of a row as staff see them, and what stands for what in them.
func (r *row) shown() (string, []KeyLink) {
	var out []KeyLink
	links := r.links()
	for i, a := range links {
		out = append(out, KeyLink{linkName(i), hidden(a)})
	}
	words := locked.ReplaceAllStringFunc(r.Text, func(a string) string {
		if i := slices.Index(links, a); i >= 0 {
			return "{" + linkName(i) + "}"
		}
		return a
	})
	return hidden(words), out
}

// retake puts marks where words that staff have typed say {link}. Each link must still be there, for its reader needs it;
// and by itself: a key that follows an address somebody typed would be handed to whoever that address belongs to.
func (r *row) retake(words string, bad Invalid) string {
	links := r.links()
	names := make([]string, len(links))
	for i := range links {
		names[i] = linkName(i)
	}
	var out strings.Builder
	seen, at := map[string]bool{}, 0
	for _, m := range braced.FindAllStringSubmatchIndex(words, -1) {
		name := words[m[2]:m[3]]
		i := slices.Index(names, name)
		if i < 0 {
			continue
		}
		if !Apart(words, m[0], m[1]) {
			bad["text"] = "mail.problem.link_alone"
		}
		out.WriteString(words[at:m[0]])
		out.WriteString(links[i])
		seen[name], at = true, m[1]
	}
	out.WriteString(words[at:])
	for _, name := range names {
		if !seen[name] {
			bad["text"] = "mail.problem.link_gone"
		}
	}
	return out.String()
}

// What may stand between a link and the space before or after it: no program takes it for a part of an address.
const (
	directions = "\u2066\u2067\u2068\u2069\u200e\u200f"
	opening    = "(«“‘„（「" + directions
	closing    = ".,;:!?)»”’،؛؟。，、；：！？）」" + directions
)

// Apart says whether what stands in words from a byte to another, and will be an address with a key, stands by itself: between
// spaces, lines' ends and punctuation. Otherwise a mail program takes it for a part of the address beside it.
func Apart(words string, from, to int) bool {
	apart := func(r rune) bool { return unicode.IsSpace(r) || r == utf8.RuneError } // or there is none
	before, _ := utf8.DecodeLastRuneInString(strings.TrimRight(words[:from], opening))
	after, _ := utf8.DecodeRuneInString(strings.TrimLeft(words[to:], closing))
	return apart(before) && apart(after)
}
