package media

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// bucket keeps objects in an S3 store (MinIO, versitygw, Ceph, Amazon).
type bucket struct {
	client *minio.Client
	name   string
}

const (
	checkTime = 4 * time.Second  // within which a store has to show that it is there
	idleTime  = 10 * time.Second // without a byte taken while storing
)

func openS3(ctx context.Context, address string) (Storage, error) {
	a, err := parseS3(address)
	if err != nil {
		return nil, err
	}
	b, err := newBucket(a)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, checkTime)
	defer cancel()
	there, err := b.client.BucketExists(ctx, b.name)
	if err != nil {
		return nil, storageError("start", err)
	}
	if !there {
		if err := b.client.MakeBucket(ctx, b.name, minio.MakeBucketOptions{Region: a.region}); err != nil {
			// Another instance may have been quicker.
			if there, again := b.client.BucketExists(ctx, b.name); again != nil || !there {
				return nil, fmt.Errorf("open the file store: create bucket %s: %w", b.name, err)
			}
		}
	}
	return b, nil
}

// newBucket makes the client; it asks the store nothing yet.
func newBucket(a s3Address) (*bucket, error) {
	client, err := minio.New(a.host, &minio.Options{
		Creds:  credentials.NewStaticV4(a.key, a.secret, ""),
		Secure: a.tls,
		Region: a.region,
		// One more try covers a connection that the server had closed; more would keep an editor waiting.
		MaxRetries: 2,
		Transport: &http.Transport{
			DialContext:           (&net.Dialer{Timeout: 3 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
			TLSHandshakeTimeout:   3 * time.Second,
			ResponseHeaderTimeout: idleTime,
			IdleConnTimeout:       time.Minute,
			MaxIdleConnsPerHost:   8,
			DisableCompression:    true,
			TLSClientConfig:       &tls.Config{MinVersion: tls.VersionTLS12},
		},
	})
	if err != nil {
		return nil, fmt.Errorf("storage address: %w", err)
	}
	return &bucket{client, a.bucket}, nil
}

func (b *bucket) Put(ctx context.Context, key string, r io.Reader, size int64, contentType string) error {
	if err := checkKey(key); err != nil {
		return err
	}
	// A frozen store takes bytes until the socket is full and then nothing: give up when nothing moves.
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	idle := time.AfterFunc(idleTime, func() { cancel(fmt.Errorf("%w: no answer for %v", ErrStorage, idleTime)) })
	defer idle.Stop()
	_, err := b.client.PutObject(ctx, b.name, key, &watched{stopWith(ctx, r), idle}, size, minio.PutObjectOptions{
		ContentType:    contentType,
		PartSize:       16 << 20,
		SendContentMd5: false,
	})
	if err != nil {
		if cause := context.Cause(ctx); cause != nil {
			return storageError("write", cause)
		}
		return b.failure("write", err)
	}
	return nil
}

type watched struct {
	r    io.Reader
	idle *time.Timer
}

func (w *watched) Read(p []byte) (int, error) {
	w.idle.Reset(idleTime)
	return w.r.Read(p)
}

func (b *bucket) Open(ctx context.Context, key string) (*Object, error) {
	if err := checkKey(key); err != nil {
		return nil, err
	}
	o, err := b.client.GetObject(ctx, b.name, key, minio.GetObjectOptions{})
	if err != nil {
		return nil, b.failure("open", err)
	}
	// GetObject asks nothing yet. Stat has no time limit of its own, and a limit on ctx would end the reading too.
	type answer struct {
		info minio.ObjectInfo
		err  error
	}
	done := make(chan answer, 1)
	go func() {
		i, err := o.Stat()
		done <- answer{i, err}
	}()
	select {
	case a := <-done:
		if a.err != nil {
			o.Close()
			return nil, b.failure("open", a.err)
		}
		return &Object{o, a.info.Size, a.info.LastModified}, nil
	case <-time.After(checkTime):
		go func() { <-done; o.Close() }()
		return nil, fmt.Errorf("%w: open: no answer for %v", ErrStorage, checkTime)
	}
}

func (b *bucket) Delete(ctx context.Context, key string) error {
	if err := checkKey(key); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, checkTime)
	defer cancel()
	if err := b.failure("delete", b.client.RemoveObject(ctx, b.name, key, minio.RemoveObjectOptions{})); err != nil && !errors.Is(err, ErrNoObject) {
		return err
	}
	// Parts of a large object that a killed program was sending take room although nothing shows them. Stores without
	// this question have none of them.
	err := b.client.RemoveIncompleteUpload(ctx, b.name, key)
	if err != nil && ctx.Err() != nil {
		return storageError("delete", ctx.Err())
	}
	return nil
}

func (b *bucket) Check(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, checkTime)
	defer cancel()
	there, err := b.client.BucketExists(ctx, b.name)
	if err == nil && !there {
		return fmt.Errorf("%w: bucket %s is missing", ErrStorage, b.name)
	}
	return b.failure("check", err)
}

// failure names an error of the client; a key that is not there is ErrNoObject.
func (b *bucket) failure(what string, err error) error {
	if err == nil {
		return nil
	}
	if code := minio.ToErrorResponse(err).Code; code == "NoSuchKey" || code == "NotFound" {
		return fmt.Errorf("%w: %s", ErrNoObject, what)
	}
	return storageError(what, err)
}
