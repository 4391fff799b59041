package view

import (
	"strconv"
	"strings"

	"rsc.io/qr"
)

// Code is a QR code, drawn as one path of a picture of Size by Size units.
type Code struct {
	Size int
	Path string
}

// codeMargin is the white margin that readers need.
const codeMargin = 4

// NewCode draws what a telephone's camera reads as an address.
func NewCode(address string) (*Code, error) {
	code, err := qr.Encode(address, qr.M)
	if err != nil {
		return nil, err
	}
	var b strings.Builder
	for y := range code.Size {
		for x := 0; x < code.Size; x++ {
			from := x
			for x < code.Size && code.Black(x, y) {
				x++
			}
			if n := strconv.Itoa(x - from); x > from {
				b.WriteString("M" + strconv.Itoa(from+codeMargin) + " " + strconv.Itoa(y+codeMargin) + "h" + n + "v1h-" + n + "z")
			}
		}
	}
	return &Code{code.Size + 2*codeMargin, b.String()}, nil
}
