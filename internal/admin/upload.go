package admin

import (
	"errors"
	"net/http"
	"strconv"

	"plenary/internal/auth"
	"plenary/internal/db"
	"plenary/internal/media"
	"plenary/internal/web"

	"github.com/gin-gonic/gin"
)

// Uploads in pieces. A script begins one, or finds it again; asks how far it is; and sends a piece after the other, each with the
// offset it begins at: the headers are those of the tus protocol's core. The last piece is answered with the file's card, or, for a
// field of an entry, with the file as the field shows it; the addresses of such an upload say which field.

const pieceType = "application/offset+octet-stream"

// uploadAt tells how far an upload is.
func uploadAt(c *gin.Context, p *media.Partial) {
	c.Header("Upload-Offset", strconv.FormatInt(p.Received, 10))
	c.Header("Upload-Length", strconv.FormatInt(p.Size, 10))
	c.Header("Cache-Control", "no-store")
}

// beginUpload begins an upload in pieces, or finds the one that the same file was begun with.
func (a *Admin) beginUpload(c *gin.Context) error {
	form, err := web.Form(c)
	if err != nil {
		return err
	}
	who, query := web.Actor(c), ""
	u := a.uploadFor(who, form.Get("office"), form.Get("folder"))
	if c.Query("kind") != "" {
		field, err := a.uploadField(c, who)
		if err != nil {
			return err
		}
		u, query = field.home, "?"+c.Request.URL.Query().Encode()
	}
	u.Name = form.Get("name")
	if u.Size, err = strconv.ParseInt(form.Get("size"), 10, 64); err != nil || u.Name == "" {
		return web.Fail(http.StatusBadRequest, "error.bad_request")
	}
	p, err := a.media.Begin(c.Request.Context(), who, u, form.Get("print"))
	if err != nil {
		return a.uploadFailed(c, err)
	}
	uploadAt(c, p)
	c.Header("Location", "/admin/uploads/"+p.ID+query)
	c.Status(http.StatusCreated)
	return nil
}

// uploadState answers how far an upload is.
func (a *Admin) uploadState(c *gin.Context) error {
	p, err := a.media.Partial(c.Request.Context(), web.Actor(c), c.Param("upload"))
	if err != nil {
		return err
	}
	uploadAt(c, p)
	c.Status(http.StatusNoContent)
	return nil
}

// uploadPiece takes a piece of an upload.
func (a *Admin) uploadPiece(c *gin.Context) error {
	ctx, who := c.Request.Context(), web.Actor(c)
	if _, err := a.media.Partial(ctx, who, c.Param("upload")); err != nil {
		return err
	}
	var field *uploadField
	if c.Query("kind") != "" {
		var err error
		if field, err = a.uploadField(c, who); err != nil {
			return err
		}
	}
	offset, err := strconv.ParseInt(c.GetHeader("Upload-Offset"), 10, 64)
	if c.ContentType() != pieceType || err != nil || offset < 0 {
		return web.Fail(http.StatusUnsupportedMediaType, "error.form_type")
	}
	u, f, err := a.media.Append(ctx, who, c.Param("upload"), offset, c.Request.Body)
	if u != nil {
		uploadAt(c, u)
	}
	switch {
	case errors.Is(err, media.ErrOffset):
		c.Status(http.StatusConflict)
		return nil
	case err != nil:
		return a.uploadFailed(c, err)
	case f == nil:
		c.Status(http.StatusNoContent)
		return nil
	}
	if field != nil {
		return a.fileChip(c, field, f)
	}
	p := a.page(c, "media.title")
	p.D = []fileCard{p.freshCard(f)}
	return a.renderPart(c, http.StatusOK, "media", "uploaded", p)
}

// uploadFailed tells a script why a file is not accepted, or that it can go on later.
func (a *Admin) uploadFailed(c *gin.Context, err error) error {
	var problem *media.Problem
	var invalid auth.Invalid
	if errors.As(err, &invalid) { // the folder
		problem = &media.Problem{Key: invalid["folder"]}
	}
	if problem != nil || errors.As(err, &problem) {
		p := a.page(c, "media.title")
		p.D = p.fileProblem(problem)
		return a.renderPart(c, http.StatusUnprocessableEntity, "media", "upload-problem", p)
	}
	if media.Broken(err) {
		return &web.Error{Status: http.StatusBadRequest, Key: "error.form_cut", Cause: err}
	}
	return err
}

// dropUpload removes an upload that was broken off.
func (a *Admin) dropUpload(c *gin.Context) error {
	ctx, who := c.Request.Context(), web.Actor(c)
	u, err := a.media.Partial(ctx, who, c.Param("upload"))
	if err != nil {
		return err
	}
	if err := a.media.DropPartial(ctx, who, u.ID); err != nil && !errors.Is(err, db.ErrNotFound) {
		return err
	}
	if c.GetHeader("Accept") == "text/html" { // the script, which tells of it itself
		c.Status(http.StatusNoContent)
		return nil
	}
	if u.FileID == "" {
		flash(c, "success", "library.open_dropped", "Name", u.Name)
	}
	return web.Redirect(c, "/admin/media")
}
