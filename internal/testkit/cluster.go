package testkit

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"

	"viaduc/internal/platform/db"
	"viaduc/internal/schema"
)

// cluster is a private PostgreSQL server on a Unix socket, without any network port.
type cluster struct {
	socket string
	mu     sync.Mutex // CREATE DATABASE ... TEMPLATE allows one at a time
}

var errNoPostgres = errors.New("no PostgreSQL server program")

func missingPostgres(err error) bool { return errors.Is(err, errNoPostgres) }

var theCluster = sync.OnceValues(startCluster)

// postgresBin finds the server's programs: VIADUC_PGBIN, else Debian's folder, else the PATH.
func postgresBin() (string, error) {
	for _, dir := range []string{os.Getenv("VIADUC_PGBIN"), "/usr/lib/postgresql/15/bin"} {
		if dir == "" {
			continue
		}
		if _, err := os.Stat(filepath.Join(dir, "initdb")); err == nil {
			return dir, nil
		}
	}
	if file, err := exec.LookPath("initdb"); err == nil {
		return filepath.Dir(file), nil
	}
	return "", errNoPostgres
}

func startCluster() (*cluster, error) {
	bin, err := postgresBin()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "viaduc-pg")
	if err != nil {
		return nil, err
	}
	attr := &syscall.SysProcAttr{Pdeathsig: syscall.SIGQUIT}
	if os.Getuid() == 0 { // the server refuses to run as root
		if attr.Credential, err = postgresUser(dir); err != nil {
			return nil, err
		}
	}
	data := filepath.Join(dir, "data")
	initdb := exec.Command(filepath.Join(bin, "initdb"), "--no-sync", "--auth=trust", "--username=viaduc", "--encoding=UTF8", "--locale=C.UTF-8", "-D", data)
	initdb.Dir, initdb.SysProcAttr = dir, &syscall.SysProcAttr{Credential: attr.Credential}
	if out, err := initdb.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("initdb: %w: %s", err, out)
	}
	server := exec.Command(filepath.Join(bin, "postgres"), "-D", data, "-k", dir, "-c", "listen_addresses=", "-c", "fsync=off",
		"-c", "synchronous_commit=off", "-c", "full_page_writes=off", "-c", "max_connections=200", "-c", "shared_buffers=64MB")
	server.Dir, server.SysProcAttr = dir, attr
	if err := startForLife(server, dir); err != nil {
		return nil, err
	}
	c := &cluster{socket: dir}
	return c, c.prepare()
}

// postgresUser gives the folder to the system's postgres user and returns its credential.
func postgresUser(dir string) (*syscall.Credential, error) {
	u, err := user.Lookup("postgres")
	if err != nil {
		return nil, fmt.Errorf("%w for root's tests: %w", errNoPostgres, err)
	}
	uid, err := strconv.Atoi(u.Uid)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.Atoi(u.Gid)
	if err != nil {
		return nil, err
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, os.Chown(dir, uid, gid)
}

// startForLife starts the server from a thread that never ends: the kernel stops the server when that thread, that
// is this process, is gone, whatever way it goes. A small watcher then removes the folder.
func startForLife(server *exec.Cmd, dir string) error {
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		started <- server.Start()
		_ = server.Wait() // it ends with this process
		select {}
	}()
	if err := <-started; err != nil {
		return err
	}
	sweep := exec.Command("/bin/sh", "-c", `while kill -0 "$1" 2>/dev/null; do sleep 1; done; rm -rf "$2"`, "sh", strconv.Itoa(server.Process.Pid), dir)
	sweep.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	return sweep.Start()
}

// prepare waits for the server and migrates the template that fresh databases are copied from.
func (c *cluster) prepare() error {
	ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
	defer cancel()
	for {
		conn, err := pgx.Connect(ctx, c.url("postgres"))
		if err == nil {
			_ = conn.Close(ctx)
			break
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("the private PostgreSQL did not start: %w", err)
		case <-time.After(50 * time.Millisecond):
		}
	}
	if err := c.create(ctx, "viaduc_template", ""); err != nil {
		return err
	}
	d, err := db.OpenPostgres(ctx, c.url("viaduc_template"))
	if err != nil {
		return err
	}
	_, err = schema.Up(ctx, d)
	return errors.Join(err, d.Close())
}

func (c *cluster) create(ctx context.Context, name, options string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	conn, err := pgx.Connect(ctx, c.url("postgres"))
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	_, err = conn.Exec(ctx, "CREATE DATABASE "+name+" "+options)
	return err
}

func (c *cluster) url(database string) string {
	q := url.Values{"host": {c.socket}, "user": {"viaduc"}, "pool_max_conns": {"20"}}
	if database == "postgres" {
		q.Del("pool_max_conns")
	}
	return "postgres:///" + database + "?" + q.Encode()
}
