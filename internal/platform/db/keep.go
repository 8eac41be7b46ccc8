package db

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"
)

// keptStatements bounds how many prepared statements a connection keeps, some kilobytes each. The program's own texts
// are fewer; only those of InsertMany vary, with the number of rows.
const keptStatements = 256

// keeper is a SQLite connector whose connections keep their INSERT, UPDATE and DELETE statements prepared: reading the
// text of a small write takes SQLite as long as doing it. pgx does the same by itself for PostgreSQL.
type keeper struct{ driver.Connector }

// Connect implements driver.Connector.
func (k keeper) Connect(ctx context.Context) (driver.Conn, error) {
	c, err := k.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	whole, ok := c.(wholeConn)
	if !ok {
		return nil, errors.Join(fmt.Errorf("sqlite: a connection of type %T lacks what a keeper needs", c), c.Close())
	}
	return &keptConn{wholeConn: whole, kept: map[string]driver.Stmt{}}, nil
}

// wholeConn is all that database/sql asks of a connection of this driver.
type wholeConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

// keptConn is used by one goroutine at a time, as database/sql promises.
type keptConn struct {
	wholeConn
	kept map[string]driver.Stmt
}

// ExecContext implements driver.ExecerContext.
func (c *keptConn) ExecContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Result, error) {
	stmt, ok := c.kept[text]
	if !ok {
		if !changes(text) {
			return c.wholeConn.ExecContext(ctx, text, args)
		}
		var err error
		if stmt, err = c.PrepareContext(ctx, text); err != nil {
			return nil, err
		}
		c.keep(text, stmt)
	}
	exec, ok := stmt.(driver.StmtExecContext)
	if !ok {
		return nil, fmt.Errorf("sqlite: a statement of type %T takes no context", stmt)
	}
	return exec.ExecContext(ctx, args)
}

// changes reports whether text is a statement worth keeping. A script is not: only its first part would be prepared.
func changes(text string) bool {
	text = strings.TrimSpace(text)
	for _, verb := range []string{"INSERT ", "UPDATE ", "DELETE "} {
		if strings.HasPrefix(text, verb) {
			return !strings.Contains(text, ";")
		}
	}
	return false
}

// keep remembers a statement, in the place of any other when there are too many.
func (c *keptConn) keep(text string, stmt driver.Stmt) {
	if len(c.kept) >= keptStatements {
		for other, old := range c.kept {
			_ = old.Close() // it only frees memory
			delete(c.kept, other)
			break
		}
	}
	c.kept[text] = stmt
}

// Close implements driver.Conn.
func (c *keptConn) Close() error {
	for _, stmt := range c.kept {
		_ = stmt.Close() // it only frees memory
	}
	c.kept = nil
	return c.wholeConn.Close()
}
