package media

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"strings"

	"plenary/internal/db"
)

// URL is the address of the original, for download; of a document, audio or video it is what the public gets.
func (f *File) URL() string { return "/media/" + f.ID + "/" + url.PathEscape(slugName(f.Name, f.Type)) }

// DownloadName is the name a browser saves the file under.
func (f *File) DownloadName() string { return f.Name }

// OpenOriginal opens the stored bytes as they were uploaded. It asks for no right.
func (s *Store) OpenOriginal(ctx context.Context, id string) (*File, *Object, error) {
	f, err := s.one(ctx, id)
	if err != nil {
		return nil, nil, err
	}
	o, err := s.storage.Open(ctx, f.Key)
	if err != nil {
		return nil, nil, fmt.Errorf("open file %s: %w", id, err)
	}
	return f, o, nil
}

// Serve answers a request for /media/{id}/{name}: a rendition, or an original.
//
// The public gets the renditions of pictures and the originals of other files, as long as IsPublic says so; may lets
// others in (nil: nobody). Originals of pictures, which may tell where and when they were taken, are for those only.
// Whoever may not see a file learns nothing about it: db.ErrNotFound, as for one that does not exist. Nothing has been
// written when an error comes back.
func (s *Store) Serve(w http.ResponseWriter, r *http.Request, id, name string, may func(*File) bool) error {
	ctx := r.Context()
	f, err := s.one(ctx, id)
	if err != nil {
		return err
	}
	var made *Rendition
	if renditionName.MatchString(name) {
		// A JPEG may have become a PNG, and the other way round, when the picture was replaced: the address stays.
		if made = cmp.Or(f.Rendition(name), f.Rendition(strings.TrimSuffix(name, path.Ext(name)))); made == nil {
			return fmt.Errorf("rendition %q: %w", name, db.ErrNotFound)
		}
	}
	public := false
	if s.IsPublic != nil && (made != nil || f.Kind != Picture) {
		if public, err = s.IsPublic(ctx, id); err != nil {
			return fmt.Errorf("file %s: is it public: %w", id, err)
		}
	}
	if !public && (may == nil || !may(f)) {
		return fmt.Errorf("file %s: %w", id, db.ErrNotFound)
	}
	if slug := slugName(f.Name, f.Type); made == nil && name != slug {
		// The file was renamed, or someone typed the address.
		http.Redirect(w, r, f.URL(), http.StatusFound)
		return nil
	}

	key, contentType, sum, how := f.Key, octets, f.SHA256, "attachment"
	if t, ok := types[f.Type]; ok {
		contentType = f.Type
		if t.inline && f.Kind != Picture {
			how = "inline"
		}
	}
	cache, saveAs, others := "private, no-cache", f.Name, "same-origin"
	if public {
		cache, others = "public, no-cache", "cross-origin" // feed readers show pictures, partners embed recordings
	}
	if made != nil {
		key, contentType, sum, how = made.Key, made.Type, made.SHA256, "inline"
		saveAs = strings.TrimSuffix(slugName(f.Name, f.Type), extensionOf(f.Name, f.Type)) + "-" + made.Name
		if public && r.URL.Query().Get("v") == made.version {
			// The reader's own browser need not ask again. A shared cache must: it would go on showing what was withdrawn.
			cache = "private, max-age=31536000, immutable"
		}
	}
	return s.send(w, r, sending{id, key, contentType, sum, how, saveAs, cache, others})
}

// sending is stored bytes on their way out: what they are, how they are shown, and who may keep and embed them.
type sending struct{ id, key, contentType, sum, how, saveAs, cache, others string }

func (s *Store) send(w http.ResponseWriter, r *http.Request, x sending) error {
	o, err := s.storage.Open(r.Context(), x.key)
	if err != nil {
		return fmt.Errorf("serve file %s: %w", x.id, err)
	}
	defer o.Close()
	h := w.Header()
	h.Set("Content-Type", typeHeader(x.contentType))
	h.Set("Content-Disposition", disposition(x.how, x.saveAs))
	// The file may do nothing: no script, no form, no further request. Browsers' own PDF viewers are not hindered.
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cross-Origin-Resource-Policy", x.others)
	h.Set("Cache-Control", x.cache)
	h.Set("ETag", `"`+x.sum+`"`)
	http.ServeContent(w, r, "", o.Modified, o)
	return nil
}
