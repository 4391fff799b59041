package site

import (
	"strconv"
	"strings"

	"rsc.io/qr"
)

// passCode is a QR code, drawn as one path of a picture of Size by Size units.
type passCode struct {
	Size int
	Path string
}

// margin is the white margin that readers need.
const margin = 4

// newPassCode draws what a telephone's camera reads as an address.
func newPassCode(address string) (*passCode, error) {
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
				b.WriteString("M" + strconv.Itoa(from+margin) + " " + strconv.Itoa(y+margin) + "h" + n + "v1h-" + n + "z")
			}
		}
	}
	return &passCode{code.Size + 2*margin, b.String()}, nil
}
