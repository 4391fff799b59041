package view

import (
	"bytes"
	"fmt"
	"html/template"
	"io"
	"reflect"
	"strconv"
	"text/template/parse"
)

// A page is parsed and escaped by html/template, then its escaped tree is turned into closures, once, that do what
// text/template would do on every page: find fields and methods by name, choose the escaper, look variables up. What
// the compiler does not know it declines, and what a closure meets unforeseen (an odd value, an error, a panic) it gives
// up by panicking with giveUp; either way html/template executes the page, and its answer is the one that counts. So
// the closures need to be right only where they do not give up.

// run is one execution of a template.
type run struct {
	out   bytes.Buffer
	vars  []reflect.Value // of the template being executed, $ first
	stack []reflect.Value // what vars are taken from
	args  []reflect.Value // of the calls being prepared
	texts []string        // results of calls, see text
	depth int
}

type (
	step func(r *run, dot reflect.Value)
	expr func(r *run, dot reflect.Value) reflect.Value
)

// body is a compiled template.
type body struct {
	steps []step
	vars  int
}

const giveUp = "left to html/template"

// maxDepth is of templates within templates. Deeper ones are left to html/template, which has a limit of its own.
const maxDepth = 500

// execute writes a template's output; it reports false where it gave up.
func (r *run) execute(b *body, data any) (ok bool) {
	defer func() { ok = recover() == nil }()
	r.call(b, reflect.ValueOf(data))
	return true
}

func (r *run) call(b *body, dot reflect.Value) {
	if r.depth++; r.depth > maxDepth {
		panic(giveUp)
	}
	vars, base := r.vars, len(r.stack)
	if cap(r.stack)-base < b.vars {
		r.stack = make([]reflect.Value, base, 2*cap(r.stack)+b.vars+64) // the callers' variables stay where they are
	}
	r.stack = r.stack[:base+b.vars]
	r.vars = r.stack[base:]
	r.vars[0] = dot
	for _, s := range b.steps {
		s(r, dot)
	}
	r.vars, r.stack = vars, r.stack[:base]
	r.depth--
}

// reset makes a run fit for the next, without holding on to what it showed.
func (r *run) reset() {
	r.out.Reset()
	r.vars, r.depth = nil, 0
	clear(r.stack[:cap(r.stack)])
	clear(r.args[:cap(r.args)])
	clear(r.texts)
	r.stack, r.args, r.texts = r.stack[:0], r.args[:0], r.texts[:0]
}

// escape has html/template escape what the layout reaches, which it else does when first asked to execute it: nothing is
// executed but a condition that is false.
func escape(t *template.Template) error {
	w, err := t.New(" escape").Parse(`{{if false}}{{template "layout.html" .}}{{end}}`)
	if err != nil {
		return err
	}
	return w.Execute(io.Discard, nil)
}

// compiler turns the templates that one reaches into bodies.
type compiler struct {
	set     *template.Template
	funcs   template.FuncMap
	bodies  map[string]*body
	scope   []string // variables, by their place
	most    int      // variables at a time
	missing []string // templates that the set does not show
	err     error    // why the page was declined
}

// compile makes a body of a template, or says why not.
func (c *compiler) compile(name string) (*body, error) {
	c.err, c.missing = nil, nil
	b := c.body(name)
	if c.err == nil && len(c.missing) > 0 {
		c.err = fmt.Errorf("not compiled: no template %q", c.missing[0])
	}
	if c.err != nil {
		c.bodies = map[string]*body{} // they may have holes
		return nil, c.err
	}
	return b, nil
}

func (c *compiler) decline(n parse.Node, why string) {
	if c.err == nil {
		c.err = fmt.Errorf("not compiled: %s %v", why, n)
	}
}

func (c *compiler) body(name string) *body {
	if b := c.bodies[name]; b != nil {
		return b
	}
	b := &body{}
	c.bodies[name] = b
	t := c.set.Lookup(name)
	if t == nil || t.Tree == nil {
		c.missing = append(c.missing, name)
		return b
	}
	scope, most := c.scope, c.most
	c.scope, c.most = []string{"$"}, 1
	b.steps = c.list(t.Tree.Root)
	b.vars = c.most
	c.scope, c.most = scope, most
	return b
}

func (c *compiler) list(l *parse.ListNode) []step {
	if l == nil {
		return nil
	}
	var steps []step
	for _, n := range l.Nodes {
		switch n := n.(type) {
		case *parse.TextNode:
			text := n.Text
			steps = append(steps, func(r *run, _ reflect.Value) { r.out.Write(text) })
		case *parse.ActionNode:
			steps = append(steps, c.action(n))
		case *parse.IfNode:
			steps = append(steps, c.branch(&n.BranchNode, false))
		case *parse.WithNode:
			steps = append(steps, c.branch(&n.BranchNode, true))
		case *parse.RangeNode:
			steps = append(steps, c.loop(n))
		case *parse.TemplateNode:
			b, data := c.body(n.Name), c.pipe(n.Pipe)
			steps = append(steps, func(r *run, dot reflect.Value) { r.call(b, data(r, dot)) })
		case *parse.CommentNode:
		default:
			c.decline(n, "unknown node")
		}
	}
	return steps
}

// action prints a value, or sets a variable. A value without an escaper cannot come out of html/template, and does not
// get through here.
func (c *compiler) action(n *parse.ActionNode) step {
	if len(n.Pipe.Decl) > 0 {
		set := c.pipe(n.Pipe)
		return func(r *run, dot reflect.Value) { set(r, dot) }
	}
	escapers, cmds := chain(n.Pipe)
	x := contexts[escapers]
	if x == nil || len(cmds) == 0 {
		c.decline(n, "unknown context of")
		return nil
	}
	value, p := c.cmds(cmds), &printer{context: x}
	return func(r *run, dot reflect.Value) { p.print(r, value(r, dot)) }
}

func (c *compiler) branch(n *parse.BranchNode, with bool) step {
	mark := len(c.scope)
	value := c.pipe(n.Pipe)
	inner := len(c.scope)
	then := c.list(n.List)
	c.scope = c.scope[:inner]
	other := c.list(n.ElseList)
	c.scope = c.scope[:mark]
	return func(r *run, dot reflect.Value) {
		v, steps := value(r, dot), then
		if !truth(v) {
			steps = other
		} else if with {
			dot = v
		}
		for _, s := range steps {
			s(r, dot)
		}
	}
}

// loop runs over slices and arrays; what else text/template can run over is left to it.
func (c *compiler) loop(n *parse.RangeNode) step {
	mark := len(c.scope)
	value := c.pipe(n.Pipe)
	inner := len(c.scope)
	index, item := -1, -1
	if d := n.Pipe.Decl; len(d) > 0 {
		item = c.place(d[len(d)-1])
		if len(d) > 1 {
			index = c.place(d[0])
		}
	}
	each := c.list(n.List)
	c.scope = c.scope[:inner]
	other := c.list(n.ElseList)
	c.scope = c.scope[:mark]
	return func(r *run, dot reflect.Value) {
		of, size := value(r, dot), 0
		list := indirect(of)
		switch {
		case list.Kind() == reflect.Slice || list.Kind() == reflect.Array:
			size = list.Len()
		case of.IsValid():
			panic(giveUp)
		}
		for i := range size {
			v := list.Index(i)
			if item >= 0 {
				r.vars[item] = v
			}
			if index >= 0 {
				r.vars[index] = reflect.ValueOf(i)
			}
			for _, s := range each {
				s(r, v)
			}
		}
		if size == 0 {
			for _, s := range other {
				s(r, dot)
			}
		}
	}
}

// place is where a variable lies.
func (c *compiler) place(n *parse.VariableNode) int {
	for i := len(c.scope) - 1; i >= 0; i-- {
		if c.scope[i] == n.Ident[0] {
			return i
		}
	}
	c.decline(n, "unknown variable")
	return 0
}

func (c *compiler) pipe(p *parse.PipeNode) expr {
	if p == nil {
		return func(*run, reflect.Value) (none reflect.Value) { return }
	}
	value := c.cmds(p.Cmds)
	if len(p.Decl) == 0 {
		return value
	}
	var places []int
	for _, v := range p.Decl {
		if !p.IsAssign {
			c.scope = append(c.scope, v.Ident[0])
			c.most = max(c.most, len(c.scope))
		}
		places = append(places, c.place(v))
	}
	return func(r *run, dot reflect.Value) reflect.Value {
		v := value(r, dot)
		for _, i := range places {
			r.vars[i] = v
		}
		return v
	}
}

// cmds gives the value of each command to the next as its last argument.
func (c *compiler) cmds(cmds []*parse.CommandNode) expr {
	var last expr
	for _, cmd := range cmds {
		value := c.command(cmd, last)
		last = func(r *run, dot reflect.Value) reflect.Value {
			v := value(r, dot)
			if v.Kind() == reflect.Interface && v.Type().NumMethod() == 0 {
				return v.Elem()
			}
			return v
		}
	}
	return last
}

func (c *compiler) command(cmd *parse.CommandNode, last expr) expr {
	var args []operand
	for _, n := range cmd.Args[1:] {
		args = append(args, c.operand(n))
	}
	if last != nil {
		args = append(args, operand{expr: last})
	}
	switch n := cmd.Args[0].(type) {
	case *parse.FieldNode:
		return c.fields(theDot, n.Ident, args)
	case *parse.ChainNode:
		return c.fields(c.operand(n.Node).expr, n.Field, args)
	case *parse.IdentifierNode:
		return c.function(n, args)
	case *parse.VariableNode:
		if len(n.Ident) > 1 {
			return c.fields(c.variable(n), n.Ident[1:], args)
		}
	}
	if len(args) > 0 {
		c.decline(cmd, "arguments of no function in")
	}
	return c.operand(cmd.Args[0]).expr
}

// operand is an argument. A literal takes the type of its parameter.
type operand struct {
	expr
	literal reflect.Value
}

func (c *compiler) operand(n parse.Node) operand {
	constant := func(v any) operand {
		x := reflect.ValueOf(v)
		return operand{func(*run, reflect.Value) reflect.Value { return x }, x}
	}
	switch n := n.(type) {
	case *parse.BoolNode:
		return constant(n.True)
	case *parse.StringNode:
		return constant(n.Text)
	case *parse.NumberNode:
		if n.IsInt && strconv.FormatInt(n.Int64, 10) == n.Text {
			return constant(int(n.Int64))
		}
		c.decline(n, "unknown number")
	case *parse.PipeNode:
		if len(n.Decl) == 0 {
			return operand{expr: c.cmds(n.Cmds)}
		}
		c.decline(n, "variable in a value")
	case *parse.DotNode:
		return operand{expr: theDot}
	case *parse.FieldNode, *parse.ChainNode, *parse.IdentifierNode:
		return operand{expr: c.command(&parse.CommandNode{Args: []parse.Node{n}}, nil)}
	case *parse.VariableNode:
		if len(n.Ident) > 1 {
			return operand{expr: c.fields(c.variable(n), n.Ident[1:], nil)}
		}
		return operand{expr: c.variable(n)}
	default:
		c.decline(n, "unknown value")
	}
	return operand{expr: theDot}
}

func theDot(_ *run, dot reflect.Value) reflect.Value { return dot }

func (c *compiler) variable(n *parse.VariableNode) expr {
	i := c.place(n)
	return func(r *run, _ reflect.Value) reflect.Value { return r.vars[i] }
}

// fields is .A.B.C; the last may be a method with arguments.
func (c *compiler) fields(of expr, names []string, args []operand) expr {
	for i, name := range names {
		f, inner := &field{name: name}, of
		if i == len(names)-1 {
			f.args = args
		}
		of = func(r *run, dot reflect.Value) reflect.Value { return f.get(r, inner(r, dot), dot) }
	}
	return of
}
