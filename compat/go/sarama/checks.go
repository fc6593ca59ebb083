package main

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/IBM/sarama"
)

const patience = 60 * time.Second

var addresses []string
var version sarama.KafkaVersion
var admin sarama.ClusterAdmin

type failure struct{ why string }

func must[T any](value T, err error) T {
	if err != nil {
		panic(failure{err.Error()})
	}
	return value
}

func that(what string, holds bool) {
	if !holds {
		panic(failure{what})
	}
}

func equal[T any](actual, expected T) {
	if !reflect.DeepEqual(actual, expected) {
		panic(failure{fmt.Sprintf("%v is not %v", actual, expected)})
	}
}

func check(name string, body func()) {
	done := make(chan any, 1)
	go func() {
		defer func() { done <- recover() }()
		body()
	}()
	select {
	case problem := <-done:
		switch problem := problem.(type) {
		case nil:
			fmt.Printf("ok %s\n", name)
		case failure:
			fmt.Printf("failed %s: %s\n", name, strings.ReplaceAll(problem.why, "\n", " "))
		default:
			fmt.Printf("failed %s: %v\n", name, problem)
		}
	case <-time.After(patience):
		fmt.Printf("failed %s: did not end\n", name)
	}
}

func settings() *sarama.Config {
	config := sarama.NewConfig()
	config.Version = version
	config.Producer.Return.Successes = true
	config.Producer.RequiredAcks = sarama.WaitForAll
	config.Producer.Partitioner = sarama.NewManualPartitioner
	config.Consumer.Offsets.Initial = sarama.OffsetOldest
	return config
}

func create(topic string, partitions int32) {
	must(0, admin.CreateTopic(topic, &sarama.TopicDetail{NumPartitions: partitions, ReplicationFactor: 3}, false))
}

func message(topic string, partition, n int) *sarama.ProducerMessage {
	return &sarama.ProducerMessage{Topic: topic, Partition: int32(partition), Value: sarama.StringEncoder(strconv.Itoa(n))}
}

func fill(topic string, partitions, count int) {
	producer := must(sarama.NewSyncProducer(addresses, settings()))
	defer producer.Close()
	messages := []*sarama.ProducerMessage{}
	for n := range count {
		messages = append(messages, message(topic, n%partitions, n))
	}
	must(0, producer.SendMessages(messages))
}

func take(topic string, partition int32, offset int64, count int, config *sarama.Config) []string {
	consumer := must(sarama.NewConsumer(addresses, config))
	defer consumer.Close()
	messages := must(consumer.ConsumePartition(topic, partition, offset))
	defer messages.AsyncClose()
	values := []string{}
	deadline := time.After(patience / 2)
	for len(values) < count {
		select {
		case message := <-messages.Messages():
			values = append(values, string(message.Value))
		case <-deadline:
			panic(failure{fmt.Sprintf("only %d of %d records came", len(values), count)})
		}
	}
	return values
}

func numbers(from, to int) []string {
	values := []string{}
	for n := from; n < to; n++ {
		values = append(values, strconv.Itoa(n))
	}
	return values
}

func checkAll(bootstrap []string, kafkaVersion sarama.KafkaVersion) {
	addresses, version = bootstrap, kafkaVersion
	admin = must(sarama.NewClusterAdmin(addresses, settings()))
	defer admin.Close()
	check("creates, describes, widens and deletes topics", topics)
	check("describes and alters configs", configs)
	check("describes the cluster and its log directories", cluster)
	check("produces synchronously and asynchronously, and consumes", roundTrip)
	check("produces idempotently", idempotent)
	check("deletes records and asks for offsets", records)
	check("consumes in a group that changes hands", group)
	check("describes groups, their offsets, and deletes them", groups)
	check("commits and aborts transactions, with offsets of a group", transactions)
}

func topics() {
	create("sarama-topics", 2)
	err := admin.CreateTopic("sarama-topics", &sarama.TopicDetail{NumPartitions: 1, ReplicationFactor: 1}, false)
	that(fmt.Sprintf("it is there already: %v", err), errors.Is(err, sarama.ErrTopicAlreadyExists))
	must(0, admin.CreateTopic("sarama-tried", &sarama.TopicDetail{NumPartitions: 1, ReplicationFactor: 1}, true))
	must(0, admin.CreatePartitions("sarama-topics", 4, nil, false))
	deadline := time.Now().Add(patience / 2)
	for len(must(admin.DescribeTopics([]string{"sarama-topics"}))[0].Partitions) != 4 {
		that("four partitions", time.Now().Before(deadline))
		time.Sleep(50 * time.Millisecond)
	}
	listed := must(admin.ListTopics())
	equal(listed["sarama-topics"].ReplicationFactor, 3)
	_, isThere := listed["sarama-tried"]
	that("it was only tried", !isThere)
	must(0, admin.DeleteTopic("sarama-topics"))
	that("it is gone", errors.Is(admin.DeleteTopic("sarama-topics"), sarama.ErrUnknownTopicOrPartition))
}

func configs() {
	create("sarama-configs", 1)
	resource := sarama.ConfigResource{Type: sarama.TopicResource, Name: "sarama-configs", ConfigNames: []string{"retention.ms"}}
	value := func() string { return must(admin.DescribeConfig(resource))[0].Value }
	equal(value(), "604800000")
	becomes := func(expected string) {
		deadline := time.Now().Add(patience / 2)
		for value() != expected {
			that("it becomes "+expected, time.Now().Before(deadline))
			time.Sleep(20 * time.Millisecond)
		}
	}
	set := "7000000"
	must(0, admin.AlterConfig(sarama.TopicResource, "sarama-configs", map[string]*string{"retention.ms": &set}, false))
	becomes(set)
	if version.IsAtLeast(sarama.V2_3_0_0) {
		set = "8000000"
		must(0, admin.IncrementalAlterConfig(sarama.TopicResource, "sarama-configs", map[string]sarama.IncrementalAlterConfigsEntry{"retention.ms": {Operation: sarama.IncrementalAlterConfigsOperationSet, Value: &set}}, false))
		becomes(set)
	}
	that("brokers have configs", len(must(admin.DescribeConfig(sarama.ConfigResource{Type: sarama.BrokerResource, Name: "1"}))) > 10)
}

func cluster() {
	brokers, controller, err := admin.DescribeCluster()
	must(0, err)
	equal(len(brokers), 3)
	that("there is a controller", controller > 0)
	equal(len(must(admin.DescribeLogDirs([]int32{1, 2, 3}))), 3)
}

func roundTrip() {
	create("sarama-round", 2)
	config := settings()
	config.Producer.Flush.Messages = 50
	config.Producer.Flush.Frequency = 20 * time.Millisecond
	producer := must(sarama.NewAsyncProducer(addresses, config))
	go func() {
		for n := range 500 {
			producer.Input() <- message("sarama-round", 1, n)
		}
		producer.AsyncClose()
	}()
	written := 0
	for range producer.Successes() {
		written++
	}
	equal(written, 500)
	equal(take("sarama-round", 1, sarama.OffsetOldest, 500, settings()), numbers(0, 500))
	equal(take("sarama-round", 1, 490, 10, settings()), numbers(490, 500))
	sync := must(sarama.NewSyncProducer(addresses, settings()))
	defer sync.Close()
	partition, offset, err := sync.SendMessage(message("sarama-round", 0, 7))
	must(0, err)
	equal([]int64{int64(partition), offset}, []int64{0, 0})
	large := &sarama.ProducerMessage{Topic: "sarama-none", Value: sarama.StringEncoder("x")}
	_, _, err = sync.SendMessage(large)
	that(fmt.Sprintf("there is no such topic: %v", err), errors.Is(err, sarama.ErrUnknownTopicOrPartition))
}

func idempotent() {
	create("sarama-idempotent", 1)
	config := settings()
	config.Producer.Idempotent = true
	config.Net.MaxOpenRequests = 1
	producer := must(sarama.NewSyncProducer(addresses, config))
	defer producer.Close()
	for turn := range 5 {
		messages := []*sarama.ProducerMessage{}
		for n := range 100 {
			messages = append(messages, message("sarama-idempotent", 0, turn*100+n))
		}
		must(0, producer.SendMessages(messages))
	}
	equal(take("sarama-idempotent", 0, sarama.OffsetOldest, 500, settings()), numbers(0, 500))
}

func records() {
	create("sarama-records", 1)
	fill("sarama-records", 1, 20)
	must(0, admin.DeleteRecords("sarama-records", map[int32]int64{0: 5}))
	client := must(sarama.NewClient(addresses, settings()))
	defer client.Close()
	equal(must(client.GetOffset("sarama-records", 0, sarama.OffsetOldest)), 5)
	equal(must(client.GetOffset("sarama-records", 0, sarama.OffsetNewest)), 20)
	equal(must(client.GetOffset("sarama-records", 0, time.Now().Add(-time.Hour).UnixMilli())), 5)
}

// Counts what a member of the group is given, and commits it.
type member struct {
	seen     *atomic.Int64
	received atomic.Int64
}

func (m *member) Setup(sarama.ConsumerGroupSession) error   { return nil }
func (m *member) Cleanup(sarama.ConsumerGroupSession) error { return nil }
func (m *member) ConsumeClaim(session sarama.ConsumerGroupSession, claim sarama.ConsumerGroupClaim) error {
	for {
		select {
		case message, isOpen := <-claim.Messages():
			if !isOpen {
				return nil
			}
			m.seen.Add(1)
			m.received.Add(1)
			session.MarkMessage(message, "seen")
		case <-session.Context().Done():
			return nil
		}
	}
}

func join(topic string, m *member) (leave func()) {
	config := settings()
	config.Consumer.Group.Rebalance.GroupStrategies = []sarama.BalanceStrategy{sarama.NewBalanceStrategySticky()}
	consumers := must(sarama.NewConsumerGroup(addresses, topic, config))
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for ctx.Err() == nil {
			if consumers.Consume(ctx, []string{topic}, m) != nil {
				time.Sleep(100 * time.Millisecond)
			}
		}
	}()
	return func() {
		cancel()
		<-ended
		must(0, consumers.Close())
	}
}

func group() {
	topic := "sarama-group"
	create(topic, 6)
	fill(topic, 6, 120)
	var seen atomic.Int64
	reaches := func(what string, count *atomic.Int64, least int64) {
		deadline := time.Now().Add(patience / 3)
		for count.Load() < least {
			that(fmt.Sprintf("%s: only %d of %d", what, count.Load(), least), time.Now().Before(deadline))
			time.Sleep(20 * time.Millisecond)
		}
	}
	first, second := &member{seen: &seen}, &member{seen: &seen}
	leave := join(topic, first)
	reaches("the first reads all", &seen, 120)
	leaveSecond := join(topic, second)
	deadline := time.Now().Add(patience / 3)
	for second.received.Load() == 0 {
		that("the second is given something", time.Now().Before(deadline))
		fill(topic, 6, 6)
		time.Sleep(200 * time.Millisecond)
	}
	leave()
	before := second.received.Load()
	fill(topic, 6, 60)
	reaches("the second reads all", &second.received, before+60)
	leaveSecond()
	third := &member{seen: &seen}
	leaveThird := join(topic, third)
	time.Sleep(2 * time.Second)
	leaveThird()
	equal(third.received.Load(), 0)
}

func groups() {
	_, isListed := must(admin.ListConsumerGroups())["sarama-group"]
	that("it is listed", isListed)
	described := must(admin.DescribeConsumerGroups([]string{"sarama-group"}))
	equal(described[0].State, "Empty")
	block := must(admin.ListConsumerGroupOffsets("sarama-group", map[string][]int32{"sarama-group": {0}})).GetBlock("sarama-group", 0)
	that("an offset is committed", block.Offset > 0)
	equal(block.Metadata, "seen")
	if version.IsAtLeast(sarama.V2_4_0_0) {
		must(0, admin.DeleteConsumerGroupOffset("sarama-group", "sarama-group", 0))
		equal(must(admin.ListConsumerGroupOffsets("sarama-group", map[string][]int32{"sarama-group": {0}})).GetBlock("sarama-group", 0).Offset, -1)
	}
	must(0, admin.DeleteConsumerGroup("sarama-group"))
	_, isListed = must(admin.ListConsumerGroups())["sarama-group"]
	that("it is gone", !isListed)
}

func transactions() {
	create("sarama-tx", 1)
	create("sarama-tx-in", 1)
	config := settings()
	config.Producer.Idempotent = true
	config.Producer.Transaction.ID = "sarama-tx"
	config.Net.MaxOpenRequests = 1
	producer := must(sarama.NewSyncProducer(addresses, config))
	defer producer.Close()
	expected := []string{}
	for transaction := range 8 {
		must(0, producer.BeginTxn())
		for n := range 10 {
			must(0, producer.SendMessages([]*sarama.ProducerMessage{message("sarama-tx", 0, transaction*10+n)}))
		}
		offset := map[string][]*sarama.PartitionOffsetMetadata{"sarama-tx-in": {{Partition: 0, Offset: int64(transaction)}}}
		must(0, producer.AddOffsetsToTxn(offset, "sarama-tx-group"))
		if transaction%2 == 0 {
			must(0, producer.CommitTxn())
			expected = append(expected, numbers(transaction*10, transaction*10+10)...)
		} else {
			must(0, producer.AbortTxn())
		}
	}
	committed := settings()
	committed.Consumer.IsolationLevel = sarama.ReadCommitted
	equal(take("sarama-tx", 0, sarama.OffsetOldest, len(expected), committed), expected)
	block := must(admin.ListConsumerGroupOffsets("sarama-tx-group", map[string][]int32{"sarama-tx-in": {0}})).GetBlock("sarama-tx-in", 0)
	equal(block.Offset, 6)
}
