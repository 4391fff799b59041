package main

import (
	"context"
	"errors"
	"fmt"
	"reflect"

	"plenary/internal/app"
)

type doctorCommand struct{}

func (doctorCommand) Run(ctx context.Context, cfg *app.Config) error {
	failed := 0
	for _, c := range app.Diagnose(ctx, *cfg) {
		state := "ok"
		if c.Err != nil {
			state, failed = c.Err.Error(), failed+1
		} else if c.Note != "" {
			state += ", " + c.Note
		}
		fmt.Printf("%-12s %s\n", c.Name, state)
	}
	if failed > 0 {
		return errors.New("not everything is in order")
	}
	return nil
}

type configCommand struct{}

func (configCommand) Run(cfg *app.Config) error {
	v := reflect.ValueOf(cfg.Public())
	for i := range v.NumField() {
		fmt.Printf("%-16s %v\n", v.Type().Field(i).Tag.Get("env"), v.Field(i))
	}
	return nil
}
