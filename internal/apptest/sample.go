package apptest

import (
	"context"
	"fmt"
	"strings"

	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/kind"
	"plenary/internal/media"
)

// Captions are those of a short recording.
const Captions = "WEBVTT\n\n00:00.500 --> 00:04.000\n<v Grace Wanjiru>Good morning, and welcome.\n\n00:10.000 --> 00:12.000\n<v Amina Diallo>The register opens today.\n"

// RecordingFiles uploads what a recording is made of, and adds the ids to refs as Sample has them.
func RecordingFiles(ctx context.Context, m *media.Store, refs map[string]string) error {
	for _, f := range [][3]string{{"captions", "captions.vtt", Captions}, {"audio", "sound.mp3", "ID3\x04\x00\x00\x00\x00\x00\x00"}, {"media", "film.mp4", "\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isomiso2"}} {
		up, err := m.Upload(ctx, System, media.Upload{Name: f[1], Body: strings.NewReader(f[2])})
		if err != nil {
			return err
		}
		refs[f[0]] = up.ID
	}
	return nil
}

// Sample makes an entry's parts with a value in every field, found by walking the kind, so that a new field is tested
// without a word being written. refs gives an entry of each kind to refer to, and the files that are "audio", "captions"
// and "media"; file is one for all other fields of files; mark is part of every word.
func Sample(k *content.Kind, l i18n.Locale, mark string, refs map[string]string, file string) content.Parts {
	parts := content.Parts{content.Facts: {}, content.Part(l): {}}
	var walk func(fields []*content.Field, prefix string, choice int)
	walk = func(fields []*content.Field, prefix string, choice int) {
		for _, f := range fields {
			path := prefix + f.Name
			put := func(v any) { parts[content.Facts].Set(path, v) }
			switch f.Type {
			case content.TypeLine:
				parts[content.Part(l)].SetText(path, content.Text{Words: short(f, mark+" "+f.Name)})
			case content.TypeProse:
				parts[content.Part(l)].SetText(path, content.Text{Words: "<p>" + mark + " " + f.Name + "</p><ul><li>item</li></ul>"})
			case content.TypeString:
				switch f.Widget {
				case "url":
					put("https://example.org/" + mark + "/" + path) // each its own: an address to join by must not stand elsewhere
				case "email":
					put("office@example.org")
				case "account":
					put("account0")
				case "offset":
					put(fmt.Sprintf("0:%02d", 10*choice))
				case "session":
					put("a0") // the first of the programme
				default:
					switch f.Name {
					case "key": // what conditions name is there once, and before them
						put(fmt.Sprintf("k%d", choice))
					case "only": // a category that there is
						put("k0")
					case "only_if":
						if choice > 0 {
							put("k0")
						}
					case "only_value": // where it is not asked for: it would have to be one of the answers
						if choice == 0 {
							put(short(f, mark))
						}
					default:
						put(short(f, mark))
					}
				}
			case content.TypeBool:
				put(true)
			case content.TypeInt:
				put(7)
			case content.TypeEnum:
				values := kind.Values(f.Enum)
				put(values[choice%len(values)])
			case content.TypeEnums:
				put(kind.Values(f.Enum)[:2])
			case content.TypeDate:
				put(content.Date("2027-03-04"))
			case content.TypeTime:
				put(content.LocalTime("2027-03-04T09:30"))
			case content.TypeWhen:
				put(content.When{Start: "2027-04-01T20:30", End: "2027-04-01T22:00", Zone: "America/New_York", Precision: content.PrecisionTime})
			case content.TypeMoment:
				put(content.Moment{At: "2027-03-28T23:59", Zone: "Africa/Nairobi"})
				if f.Name == "opens" || f.Name == "embargo" { // over by now
					put(content.Moment{At: "2026-01-05T08:00", Zone: "Africa/Nairobi"})
				}
			case content.TypeSlot:
				put(content.Slot{Start: "2027-04-01T20:30", End: "2027-04-01T21:00"})
			case content.TypeRef:
				if id := refs[f.Of]; id != "" {
					put(content.Ref(id))
				}
			case content.TypeRefs:
				if id := refs[f.Of]; id != "" {
					put(content.Refs{content.Ref(id)})
				}
			case content.TypeFile:
				switch f.Of {
				case "audio", "captions", "media": // these take no other file
					if id := refs[f.Of]; id != "" {
						put(content.FileRef(id))
					}
				default:
					if file != "" {
						put(content.FileRef(file))
					}
				}
			case content.TypeGroup:
				walk(f.Fields, path+".", choice)
			case content.TypeList:
				ids := []string{fmt.Sprintf("a%d", len(prefix)), fmt.Sprintf("b%d", len(prefix))}
				put(ids)
				for i, id := range ids {
					walk(f.Fields, path+"."+id+".", i)
				}
			}
		}
	}
	walk(k.Fields, "", 0)
	return parts
}

func short(f *content.Field, s string) string {
	if f.Max > 0 && len(s) > f.Max {
		return s[:f.Max]
	}
	return s
}
