package content

import (
	"encoding/json"
	"fmt"
	"time"
)

// Teller is a kind's struct that tells readers what has changed since it was public before, of what they plan by. What
// Differs gives is stored as JSON; nil is nothing to tell.
type Teller interface{ Differs(was any) any }

// Told is what readers are told about one version of a published entry. The first version is number 1, and nothing is
// told about it.
type Told struct {
	Number int             `json:"number"`
	At     time.Time       `json:"at"`
	What   json.RawMessage `json:"what"`
}

// mostTold are the versions that readers can look back on; the numbers count on.
const mostTold = 12

// tell adds what differs between two public states to what readers were told before.
func tell(before string, was, value any, now time.Time) (string, error) {
	t, ok := value.(Teller)
	if !ok || was == nil {
		return before, nil
	}
	what := t.Differs(was)
	if what == nil {
		return before, nil
	}
	all, err := readTold(before)
	if err != nil {
		return "", err
	}
	n := 2
	if len(all) > 0 {
		n = all[len(all)-1].Number + 1
	}
	all = append(all, Told{Number: n, At: now, What: mustJSON(what)})
	if len(all) > mostTold {
		all = all[len(all)-mostTold:]
	}
	return string(mustJSON(all)), nil
}

func readTold(doc string) ([]Told, error) {
	if doc == "" {
		return nil, nil
	}
	var all []Told
	if err := json.Unmarshal([]byte(doc), &all); err != nil {
		return nil, fmt.Errorf("what was told: %w", err)
	}
	return all, nil
}
