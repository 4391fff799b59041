package admin

import (
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"

	"github.com/gin-gonic/gin"

	"plenary/internal/web"
)

// sentParts begins to read a form that carries files, part by part, so that no file is in memory whole. Anything but such a form is
// an error with its answer.
func sentParts(c *gin.Context) (*multipart.Reader, error) {
	if t, _, err := mime.ParseMediaType(c.GetHeader("Content-Type")); err != nil || t != "multipart/form-data" {
		return nil, web.Fail(http.StatusUnsupportedMediaType, "error.form_type")
	}
	r, err := c.Request.MultipartReader()
	if err != nil {
		return nil, cutOff(err)
	}
	return r, nil
}

// nextPart is the next of a form's parts, io.EOF after the last. Any other error has its answer.
func nextPart(r *multipart.Reader) (*multipart.Part, error) {
	part, err := r.NextPart()
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, cutOff(err)
	}
	return part, err
}

// readPart reads a part up to one byte more than most, by which the reader tells that it is too long.
func readPart(part *multipart.Part, most int) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(part, int64(most)+1))
	if err != nil {
		return nil, cutOff(err)
	}
	return b, nil
}

// cutOff is the answer where a form ends before its end: more than may be sent is said as that, elsewhere.
func cutOff(err error) error {
	var big *http.MaxBytesError
	if errors.As(err, &big) {
		return err
	}
	return &web.Error{Status: http.StatusBadRequest, Key: "error.form_cut", Cause: err}
}
