package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// One record as a line of JSON; nil is null, and bytes are in base64 as encoding/json has them.
type line struct {
	Key     []byte  `json:"key"`
	Value   []byte  `json:"value"`
	Headers [][]any `json:"headers"`
}

type inputLine struct {
	Key     []byte              `json:"key"`
	Value   []byte              `json:"value"`
	Headers [][]json.RawMessage `json:"headers"`
}

var codecs = map[string]kgo.CompressionCodec{
	"none":   kgo.NoCompression(),
	"gzip":   kgo.GzipCompression(),
	"snappy": kgo.SnappyCompression(),
	"lz4":    kgo.Lz4Compression(),
	"zstd":   kgo.ZstdCompression(),
}

func write(options map[string]string) error {
	codec, isKnown := codecs[options["codec"]]
	if !isKnown {
		return fmt.Errorf("there is no codec %q", options["codec"])
	}
	client, err := kgo.NewClient(
		kgo.SeedBrokers(strings.Split(options["bootstrap"], ",")...),
		kgo.RequiredAcks(kgo.AllISRAcks()),
		kgo.ProducerBatchCompression(codec),
		kgo.ProducerLinger(100*time.Millisecond),
		kgo.RecordPartitioner(kgo.ManualPartitioner()),
	)
	if err != nil {
		return err
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	input := bufio.NewScanner(os.Stdin)
	input.Buffer(nil, 16<<20)
	var failure error
	for input.Scan() {
		if !strings.HasPrefix(input.Text(), "{") {
			continue
		}
		var record inputLine
		if err := json.Unmarshal(input.Bytes(), &record); err != nil {
			return err
		}
		var headers []kgo.RecordHeader
		for _, header := range record.Headers {
			var name string
			var value []byte
			if err := json.Unmarshal(header[0], &name); err != nil {
				return err
			}
			if err := json.Unmarshal(header[1], &value); err != nil {
				return err
			}
			headers = append(headers, kgo.RecordHeader{Key: name, Value: value})
		}
		client.Produce(ctx, &kgo.Record{Topic: options["topic"], Key: record.Key, Value: record.Value, Headers: headers}, func(_ *kgo.Record, err error) {
			if err != nil && failure == nil {
				failure = err
			}
		})
	}
	if err := client.Flush(ctx); err != nil {
		return err
	}
	return failure
}

func read(options map[string]string) error {
	count, err := strconv.Atoi(options["count"])
	if err != nil {
		return err
	}
	client, err := kgo.NewClient(
		kgo.SeedBrokers(strings.Split(options["bootstrap"], ",")...),
		kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{options["topic"]: {0: kgo.NewOffset().AtStart()}}),
	)
	if err != nil {
		return err
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	output := json.NewEncoder(os.Stdout)
	for left := count; left > 0; {
		fetches := client.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			return fmt.Errorf("%d records are missing: %w", left, err)
		}
		for records := fetches.RecordIter(); !records.Done() && left > 0; left-- {
			record := records.Next()
			headers := [][]any{}
			for _, header := range record.Headers {
				headers = append(headers, []any{header.Key, header.Value})
			}
			if err := output.Encode(line{record.Key, record.Value, headers}); err != nil {
				return err
			}
		}
	}
	return nil
}
