package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/IBM/sarama"
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

var codecs = map[string]sarama.CompressionCodec{
	"none":   sarama.CompressionNone,
	"gzip":   sarama.CompressionGZIP,
	"snappy": sarama.CompressionSnappy,
	"lz4":    sarama.CompressionLZ4,
	"zstd":   sarama.CompressionZSTD,
}

func encoder(bytes []byte) sarama.Encoder {
	if bytes == nil {
		return nil
	}
	return sarama.ByteEncoder(bytes)
}

func write(options map[string]string) error {
	codec, isKnown := codecs[options["codec"]]
	if !isKnown {
		return fmt.Errorf("there is no codec %q", options["codec"])
	}
	config := sarama.NewConfig()
	config.Producer.RequiredAcks = sarama.WaitForAll
	config.Producer.Compression = codec
	config.Producer.Flush.Frequency = 100 * time.Millisecond
	config.Producer.Partitioner = sarama.NewManualPartitioner
	config.Producer.Return.Successes = true
	producer, err := sarama.NewSyncProducer(strings.Split(options["bootstrap"], ","), config)
	if err != nil {
		return err
	}
	defer producer.Close()
	input := bufio.NewScanner(os.Stdin)
	input.Buffer(nil, 16<<20)
	messages := []*sarama.ProducerMessage{}
	for input.Scan() {
		if !strings.HasPrefix(input.Text(), "{") {
			continue
		}
		var record inputLine
		if err := json.Unmarshal(input.Bytes(), &record); err != nil {
			return err
		}
		message := &sarama.ProducerMessage{Topic: options["topic"], Key: encoder(record.Key), Value: encoder(record.Value)}
		for _, header := range record.Headers {
			var name string
			var value []byte
			if err := json.Unmarshal(header[0], &name); err != nil {
				return err
			}
			if err := json.Unmarshal(header[1], &value); err != nil {
				return err
			}
			message.Headers = append(message.Headers, sarama.RecordHeader{Key: []byte(name), Value: value})
		}
		messages = append(messages, message)
	}
	return producer.SendMessages(messages)
}

func read(options map[string]string) error {
	left, err := strconv.Atoi(options["count"])
	if err != nil {
		return err
	}
	consumer, err := sarama.NewConsumer(strings.Split(options["bootstrap"], ","), sarama.NewConfig())
	if err != nil {
		return err
	}
	defer consumer.Close()
	partition, err := consumer.ConsumePartition(options["topic"], 0, sarama.OffsetOldest)
	if err != nil {
		return err
	}
	output := json.NewEncoder(os.Stdout)
	deadline := time.After(time.Minute)
	for ; left > 0; left-- {
		select {
		case message := <-partition.Messages():
			headers := [][]any{}
			for _, header := range message.Headers {
				headers = append(headers, []any{string(header.Key), header.Value})
			}
			if err := output.Encode(line{message.Key, message.Value, headers}); err != nil {
				return err
			}
		case <-deadline:
			return errors.New(strconv.Itoa(left) + " records are missing")
		}
	}
	return nil
}
