package media

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/minio/minio-go/v7/pkg/s3utils"
)

// Storage keeps bytes under keys. There are two: a folder on disk and a bucket in an S3 store.
//
// Keys are made by newKey and by nobody else: no part of them comes from outside. Every failure that is not a missing
// key is, or wraps, ErrStorage, and is reported within seconds even when the store accepts connections and then says
// nothing.
type Storage interface {
	// Put stores exactly size bytes of r. A reader sees the whole object or none; a key is never written twice.
	Put(ctx context.Context, key string, r io.Reader, size int64, contentType string) error
	// Open returns ErrNoObject when there is nothing under the key.
	Open(ctx context.Context, key string) (*Object, error)
	// Delete removes the object; removing what is not there is no error.
	Delete(ctx context.Context, key string) error
	// Check says within five seconds whether the store can be used.
	Check(ctx context.Context) error
}

// Object is an open stored object.
type Object struct {
	io.ReadSeekCloser
	Size     int64
	Modified time.Time
}

var (
	// ErrStorage means that the file store is away, frozen or full. Nothing was half done: try again later.
	ErrStorage = errors.New("the file store is not at hand")
	// ErrNoObject means that the store is there and holds nothing under this key.
	ErrNoObject = errors.New("no such stored object")
)

// OpenStorage opens "file:FOLDER" or "s3://KEY:SECRET@HOST:PORT/BUCKET?tls=0". A missing folder or bucket is created.
// Plain HTTP is used only with tls=0, or towards this machine itself.
func OpenStorage(ctx context.Context, address string) (Storage, error) {
	scheme, rest, ok := strings.Cut(address, ":")
	switch {
	case ok && scheme == "file":
		return openDisk(rest)
	case ok && scheme == "s3":
		return openS3(ctx, address)
	}
	// The address may hold a secret: it is not repeated.
	return nil, fmt.Errorf("storage address: want file:FOLDER or s3://KEY:SECRET@HOST:PORT/BUCKET")
}

type s3Address struct {
	key, secret, host, bucket, region string
	tls                               bool
}

func parseS3(address string) (s3Address, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "s3" {
		return s3Address{}, fmt.Errorf("storage address: want s3://KEY:SECRET@HOST:PORT/BUCKET?tls=0 (signs like / in the secret as %%2F)")
	}
	a := s3Address{host: u.Host, bucket: strings.Trim(u.Path, "/"), region: u.Query().Get("region"), tls: true}
	if u.User != nil {
		a.key = u.User.Username()
		a.secret, _ = u.User.Password()
	}
	if a.key == "" || a.secret == "" || a.host == "" || a.bucket == "" || s3utils.CheckValidBucketNameStrict(a.bucket) != nil {
		return s3Address{}, fmt.Errorf("storage address: s3:// needs a key, a secret, a host and one bucket (3 to 63 small letters, digits, hyphens)")
	}
	if a.region == "" {
		a.region = "us-east-1" // what stores without regions expect in the signature
	}
	switch v := u.Query().Get("tls"); v {
	case "":
		ip := net.ParseIP(u.Hostname())
		a.tls = u.Hostname() != "localhost" && (ip == nil || !ip.IsLoopback())
	case "0":
		a.tls = false
	case "1":
	default:
		return s3Address{}, fmt.Errorf("storage address: tls=%s: want 0 or 1", v)
	}
	return a, nil
}
