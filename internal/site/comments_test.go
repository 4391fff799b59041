package site

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"plenary/internal/comment"
	"plenary/internal/content"
	"plenary/internal/docx"
	"plenary/internal/i18n"
	"plenary/internal/kind"
)

func prose3(en, ar, zh string) content.Prose {
	return content.P("en", en, "ar", ar, "zh", zh)
}

func line3(en, ar, zh string) content.Line { return content.L("en", en, "ar", ar, "zh", zh) }

// commented is a report with a round of comments until the first of July, in three languages.
func (h *house) commented(stage string) *kind.Report {
	return &kind.Report{Title: line3("Outcome of the meeting", "نتائج الاجتماع", "会议成果"), Summary: line3("What was said.", "ما قيل.", "会议内容。"), Stage: stage, Date: "2026-06-10",
		CommentUntil: content.Moment{At: "2026-07-01T18:00", Zone: "Africa/Nairobi"}, Symbol: "OFF/2026/7",
		Executive: prose3("<p>In short.</p>", "<p>بإيجاز.</p>", "<p>简述。</p>"), KeyMessages: []kind.Point{{Item: content.Item{ID: "km01"}, Text: line3("Keep it open.", "أبقوه مفتوحًا.", "保持开放。")}},
		Recommendations: []kind.Recommendation{{Item: content.Item{ID: "rc01"}, Text: line3("Publish it.", "انشروه.", "予以公布。")}}, Statistics: kind.Statistics{Attended: 1200},
		Body: prose3(`<h2>Part</h2><p>First <strong>bold</strong><span data-footnote="A note."></span>.</p><ul><li>Item</li></ul><p>Second, with <a href="/en/about">a link</a>.</p><table><thead><tr><th>H</th></tr></thead><tbody><tr><td>x</td></tr></tbody></table>`,
			"<h2>قسم</h2><p>الأولى.</p><p>الثانية.</p>", "<p>第一。</p><p>第二。</p>")}
}

// A report goes from draft over a round of comments to its final text: who comments on what until when, and what stays to be
// read of each stage.
func TestTheLifeOfAReport(t *testing.T) {
	h := open(t, 1<<20)
	all := []i18n.Locale{i18n.EN, i18n.AR, i18n.ZH}
	event, _ := h.registering(nil)
	r := h.commented("draft")
	r.Event = content.Ref(event)
	id, path := h.publish(kind.ReportKind, r, all...)
	again := func(change func(*kind.Report)) {
		t.Helper()
		change(r)
		e, err := h.content.Get(ctx, staff, string(id))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.content.Save(ctx, staff, content.Change{ID: string(id), Base: e.Versions, Set: kind.ReportKind.Split(r)}); err != nil {
			t.Fatal(reason(err))
		}
		if err := h.content.Publish(ctx, staff, content.PublishChange{ID: string(id), Facts: true, Locales: all}); err != nil {
			t.Fatal(reason(err))
		}
	}
	status := func(at string) int { return h.do(http.MethodGet, at).Code }
	if status("/en/"+path+"/comments") != http.StatusNotFound || status("/en/"+path+"/stages/draft") != http.StatusNotFound {
		t.Error("a draft that is not for comment has pages to comment, or an earlier stage")
	}

	again(func(r *kind.Report) {
		r.Stage = "for_comment"
		r.Body.Set(i18n.EN, content.Text{Words: strings.Replace(r.Body.In(i18n.EN), "Second, with", "The second, with", 1)})
	})
	for _, l := range all {
		page := h.get("/" + string(l) + "/" + path)
		if page.Find(`a[href="/`+string(l)+"/"+path+`/comments"]`).Length() == 0 || page.Find(`a[href="/`+string(l)+"/"+path+`/stages/draft"]`).Length() != 1 {
			t.Error(l, "the report leads to no comments, or to no earlier stage")
		}
		list := h.get("/" + string(l) + "/" + path + "/comments")
		if list.Find(".topics li").Length() != 6 || list.Find(`meta[name=robots][content*=noindex]`).Length() != 1 || list.Find("script").Length() != 0 {
			t.Error(l, list.Find(".body").Text())
		}
	}
	if got := h.get("/ar/" + path + "/comments").Find("#p-2 p"); got.Text() != "الثانية." {
		t.Error(got.Text())
	}
	at := "/ar/" + path + "/comments/p-2"
	stamp := func() string { return h.get(at).Find("input[name=stamp]").AttrOr("value", "") }
	w := h.post(at, url.Values{"stamp": {stamp()}, "name": {"A <b>"}, "mail": {"nonsense"}, "language": {"ar"}})
	if doc := document(t, w); w.Code != http.StatusUnprocessableEntity || doc.Find(`[id="e-mail"]`).Length() != 1 || doc.Find(`[id="e-text"]`).Length() != 1 || doc.Find("[name=name]").AttrOr("value", "") != "A <b>" {
		t.Error(w.Code, doc.Find(".body").Text())
	}
	var links []string
	for i, who := range []string{"amina", "bo", "chen"} {
		w := h.post(at, url.Values{"stamp": {stamp()}, "name": {who}, "language": {"en"}, "mail": {who + "@example.org"}, "text": {"Say more <script>.\n\n" + who}})
		if w.Code != http.StatusSeeOther {
			t.Fatal(w.Code, document(t, w).Find(".body").Text())
		}
		_, rest, ok := strings.Cut(h.letters[len(h.letters)-1].Text, "/comments/")
		if !ok || strings.Contains(h.letters[len(h.letters)-1].Text, "Say more") {
			t.Fatal("the letter has no link, or what a stranger typed: ", h.letters[len(h.letters)-1].Text)
		}
		links = append(links, "/en/comments/"+strings.Fields(rest)[0])
		if own := h.get(links[i]); own.Find("button[value=confirm]").Length() != 1 || own.Find(".lead").Last().Text() != "الثانية." {
			t.Error(own.Find(".body").Text())
		}
		if i < 2 { // the third never confirms
			if w := h.post(links[i], url.Values{"do": {"confirm"}}); w.Code != http.StatusSeeOther {
				t.Error(w.Code)
			}
		}
	}
	if status(at+"/sent") != http.StatusOK || status("/en/"+path+"/comments/p-9") != http.StatusNotFound {
		t.Error("sent, or a paragraph that is none")
	}
	list, counts, err := h.comments.List(ctx, staff, string(id), comment.Open, "", 0, 10)
	if err != nil || len(list) != 2 || counts[comment.All] != 2 || list[0].Words != "الثانية." || list[0].Number != 2 || list[0].WordsLocale != i18n.AR {
		t.Fatalf("%+v %v %v", list, counts, err)
	}
	for _, page := range []string{path, path + "/comments"} {
		if body := h.do(http.MethodGet, "/en/"+page).Body.String(); strings.Contains(body, "Say more") || strings.Contains(body, "amina") {
			t.Error("comments are public on", page)
		}
	}
	// They are told what became of it; what the text was stays with the comment when the text changes.
	before := len(h.letters)
	if err := h.comments.Dispose(ctx, staff, string(id), list[0].ID, comment.Decision{Disposition: "accepted", Reason: "Done.", Tell: true}); err != nil {
		t.Fatal(err)
	}
	if err := h.comments.Dispose(ctx, staff, string(id), list[1].ID, comment.Decision{Disposition: "declined"}); err == nil {
		t.Error("a comment is declined without a word of reason")
	}
	if err := h.comments.Dispose(ctx, staff, string(id), list[1].ID, comment.Decision{Disposition: "noted"}); err != nil {
		t.Fatal(err)
	}
	if len(h.letters) != before+1 || h.letters[before].To != list[0].Mail || !strings.Contains(h.letters[before].Text, "Done.") {
		t.Errorf("letters: %+v", h.letters[before:])
	}

	// The date is in the report's zone: 18:00 in Nairobi is 15:00 UTC.
	h.now = time.Date(2026, 7, 1, 15, 0, 0, 0, time.UTC)
	late := h.get(at)
	if late.Find("form[method=post]").Length() != 0 || late.Find("time").Length() == 0 {
		t.Error("the form is still there, or says not when it was closed")
	}
	if w := h.post(links[2], url.Values{"do": {"confirm"}}); w.Code != http.StatusUnprocessableEntity {
		t.Error("confirmed after the date:", w.Code)
	}
	if page := h.get("/en/" + path); page.Find(`a[href="/en/`+path+`/comments"]`).Length() != 0 {
		t.Error("the report still asks for comments")
	}

	again(func(r *kind.Report) {
		r.Stage = "final"
		r.Title = line3("Outcome of the meeting, final", "نتائج الاجتماع النهائية", "会议最后成果")
		r.Body.Set(i18n.AR, content.Text{Words: "<p>الأولى.</p><p>غيرها.</p>"})
	})
	if list, _, err = h.comments.List(ctx, staff, string(id), comment.All, "p-2", 0, 10); err != nil || len(list) != 2 || list[0].Words != "الثانية." {
		t.Errorf("%+v %v", list, err)
	}
	for _, l := range all {
		page := h.get("/" + string(l) + "/" + path)
		for _, stage := range []string{"draft", "for_comment"} {
			to := "/" + string(l) + "/" + path + "/stages/" + stage
			if page.Find(`a[href="`+to+`"]`).Length() != 1 {
				t.Error(to, "is not linked")
			}
			old := h.get(to)
			title := map[i18n.Locale]string{i18n.EN: "Outcome of the meeting", i18n.AR: "نتائج الاجتماع", i18n.ZH: "会议成果"}[l]
			if old.Find("h1").Text() != title || old.Find(`.notice a[href="/`+string(l)+"/"+path+`"]`).Length() != 1 || old.Find(`meta[name=robots][content*=noindex]`).Length() != 1 ||
				old.Find(`link[rel=canonical]`).AttrOr("href", "") != baseURL+"/"+string(l)+"/"+path {
				t.Error(to, old.Find("main").Text())
			}
			if second := strings.Contains(old.Find("#report").Text(), "The second, with"); l == i18n.EN && second != (stage == "for_comment") {
				t.Error(to, "is not as it was")
			}
		}
		if feed := h.do(http.MethodGet, "/"+string(l)+"/reports.json").Body.String(); strings.Contains(feed, "/stages/") {
			t.Error(l, "the feed has earlier stages")
		}
	}
	if ld := h.do(http.MethodGet, "/en/"+path).Body.String(); !strings.Contains(ld, `"creativeWorkStatus":"final"`) {
		t.Error("linked data tell no stage")
	}
	if status("/en/"+path+"/stages/final") != http.StatusNotFound {
		t.Error("the final text is an earlier stage")
	}

	// Long after, addresses are forgotten; what was said stays.
	h.now = h.now.AddDate(0, 7, 0)
	if err := h.comments.Purge(ctx); err != nil {
		t.Fatal(err)
	}
	if list, _, err = h.comments.List(ctx, staff, string(id), comment.All, "", 0, 10); err != nil || len(list) != 2 || list[0].Mail != "" || list[0].Text == "" {
		t.Errorf("%+v %v", list, err)
	}
	if status(links[0]) != http.StatusNotFound {
		t.Error("a private link leads on")
	}

	// What is taken back is gone in all its stages.
	if err := h.content.Unpublish(ctx, staff, string(id), []i18n.Locale{i18n.EN}); err != nil {
		t.Fatal(err)
	}
	if status("/en/"+path+"/stages/draft") != http.StatusNotFound {
		t.Error("an earlier stage outlives the report")
	}
}

func TestAReportAsADocument(t *testing.T) {
	h := open(t, 1<<20)
	event, _ := h.registering(nil)
	r := h.commented("for_comment")
	r.Event = content.Ref(event)
	_, path := h.publish(kind.ReportKind, r, i18n.EN, i18n.AR, i18n.ZH)
	for _, l := range []i18n.Locale{i18n.EN, i18n.AR, i18n.ZH} {
		at := "/" + string(l) + "/" + path + ".docx"
		if link := h.get("/" + string(l) + "/" + path).Find(`a[href="` + at + `"]`); link.Length() != 1 || !strings.Contains(link.Parent().Text(), "DOCX") {
			t.Error(l, "no link with its format:", link.Parent().Text())
		}
		w := h.do(http.MethodGet, at)
		if w.Code != http.StatusOK || w.Header().Get("Content-Type") != docx.Type {
			t.Fatal(w.Code, w.Header())
		}
		z, err := zip.NewReader(bytes.NewReader(w.Body.Bytes()), int64(w.Body.Len()))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range z.File {
			rd, _ := f.Open()
			d := xml.NewDecoder(rd)
			for {
				if _, err := d.Token(); err == io.EOF {
					break
				} else if err != nil {
					t.Fatal(l, f.Name, err)
				}
			}
		}
		doc, err := docx.Read(w.Body.Bytes(), 1<<20)
		if err != nil {
			t.Fatal(err)
		}
		title, _ := r.Title.Pick(l, i18n.EN)
		numbered, tables, text := 0, 0, ""
		for _, b := range doc.Blocks {
			text += b.String() + "\n"
			if b.List && b.Ordered && b.Style == "normal" && b.ListID == "2" {
				numbered++
			}
			if b.Rows != nil {
				tables++
			}
			if b.Rows == nil && b.String() != "" && b.RTL != (l == i18n.AR) {
				t.Error(l, "direction of", b.String())
			}
		}
		if doc.Blocks[0].String() != title || doc.Title != title || numbered != 2 || !strings.Contains(text, "OFF/2026/7") {
			t.Errorf("%s: %d numbered\n%s", l, numbered, text)
		}
		if l == i18n.EN && (tables != 2 || len(doc.Notes) != 1 || !strings.Contains(text, "1,200")) {
			t.Errorf("%d tables, notes %v\n%s", tables, doc.Notes, text)
		}
	}
}
