package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

const patience = 60 * time.Second

var seeds []string
var admin *kadm.Client

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

func check(name string, body func(ctx context.Context)) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	defer func() {
		switch problem := recover().(type) {
		case nil:
			fmt.Printf("ok %s\n", name)
		case failure:
			fmt.Printf("failed %s: %s\n", name, strings.ReplaceAll(problem.why, "\n", " "))
		default:
			panic(problem)
		}
	}()
	body(ctx)
}

func newClient(options ...kgo.Opt) *kgo.Client {
	return must(kgo.NewClient(append([]kgo.Opt{kgo.SeedBrokers(seeds...)}, options...)...))
}

func create(ctx context.Context, topic string, partitions int32, configs map[string]string) {
	values := map[string]*string{}
	for name, value := range configs {
		values[name] = kadm.StringPtr(value)
	}
	must(admin.CreateTopic(ctx, partitions, 3, values, topic))
}

// Records "0", "1", … to partition 0 and the next ones in turn.
func fill(ctx context.Context, topic string, partitions, count int) {
	fillFrom(ctx, topic, partitions, 0, count)
}

func fillFrom(ctx context.Context, topic string, partitions, first, count int) {
	client := newClient(kgo.RecordPartitioner(kgo.ManualPartitioner()))
	defer client.Close()
	records := []*kgo.Record{}
	for n := range count {
		records = append(records, &kgo.Record{Topic: topic, Partition: int32(n % partitions), Value: []byte(strconv.Itoa(first + n))})
	}
	must(0, client.ProduceSync(ctx, records...).FirstErr())
}

func take(ctx context.Context, client *kgo.Client, count int) []string {
	values := []string{}
	for len(values) < count {
		fetches := client.PollFetches(ctx)
		must(0, fetches.Err())
		fetches.EachRecord(func(record *kgo.Record) { values = append(values, string(record.Value)) })
	}
	return values
}

func numbers(count int) []string {
	values := []string{}
	for n := range count {
		values = append(values, strconv.Itoa(n))
	}
	return values
}

func sorted(values []string) []string {
	values = slices.Clone(values)
	slices.SortFunc(values, func(a, b string) int { return must(strconv.Atoi(a)) - must(strconv.Atoi(b)) })
	return values
}

func checkAll(bootstrap []string) {
	seeds = bootstrap
	admin = kadm.NewClient(newClient())
	defer admin.Close()
	check("kadm describes brokers, versions and features", describesCluster)
	check("kadm creates, describes and deletes topics", topics)
	check("kadm describes and alters configs", configs)
	check("kgo produces and consumes by assignment", byAssignment)
	check("kgo is told of records that are too large", tooLarge)
	check("kadm lists offsets and deletes records", offsets)
	check("kgo consumes in a classic group that changes hands", func(ctx context.Context) { group(ctx, "classic") })
	check("kgo consumes in a new group that changes hands", func(ctx context.Context) { group(ctx, "new", kgo.ServerSideBalancer()) })
	check("kadm describes groups, commits for them, measures lag, deletes them", groups)
	check("kgo commits and aborts transactions", transactions)
	check("kadm describes transactions and producers", describesTransactions)
	check("kadm moves replicas from broker to broker", reassigns)
	check("kadm elects leaders and describes log directories", others)
}

func describesCluster(ctx context.Context) {
	metadata := must(admin.BrokerMetadata(ctx))
	equal(metadata.Brokers.NodeIDs(), []int32{1, 2, 3})
	that("there is a controller", metadata.Controller > 0 && metadata.Cluster != "")
	versions := must(admin.ApiVersions(ctx))
	equal(len(versions), 3)
	for _, broker := range versions {
		must(0, broker.Err)
		minimum, maximum, isServed := broker.KeyVersions(1)
		that(fmt.Sprintf("Fetch is %d to %d", minimum, maximum), isServed && minimum <= 4 && maximum >= 16)
	}
}

func topics(ctx context.Context) {
	create(ctx, "go-topics", 4, map[string]string{"retention.ms": "5000000"})
	topic := must(admin.ListTopics(ctx, "go-topics"))["go-topics"]
	equal(topic.Partitions.NumReplicas(), 3)
	equal(len(topic.Partitions), 4)
	_, err := admin.CreateTopic(ctx, 1, 3, nil, "go-topics")
	that("it is there already", errors.Is(err, kerr.TopicAlreadyExists))
	_, err = admin.CreateTopic(ctx, 1, 9, nil, "go-many")
	that("nine replicas are too many", errors.Is(err, kerr.InvalidReplicationFactor))
	must(must(admin.ValidateCreateTopics(ctx, 1, 3, nil, "go-only-tried")).On("go-only-tried", nil))
	that("it was only tried", !must(admin.ListTopics(ctx)).Has("go-only-tried"))
	must(0, must(admin.UpdatePartitions(ctx, 6, "go-topics")).Error())
	for len(must(admin.ListTopics(ctx, "go-topics"))["go-topics"].Partitions) < 6 {
		time.Sleep(50 * time.Millisecond)
	}
	must(admin.DeleteTopic(ctx, "go-topics"))
	_, err = admin.DeleteTopic(ctx, "go-topics")
	that("it is gone", errors.Is(err, kerr.UnknownTopicOrPartition))
}

func configs(ctx context.Context) {
	create(ctx, "go-configs", 1, nil)
	value := func() string {
		for _, config := range must(must(admin.DescribeTopicConfigs(ctx, "go-configs")).On("go-configs", nil)).Configs {
			if config.Key == "retention.ms" {
				return config.MaybeValue()
			}
		}
		return "none"
	}
	equal(value(), "604800000")
	alter := func(op kadm.IncrementalOp, value string) error {
		return must(admin.AlterTopicConfigs(ctx, []kadm.AlterConfig{{Op: op, Name: "retention.ms", Value: &value}}, "go-configs"))[0].Err
	}
	must(0, alter(kadm.SetConfig, "7000000"))
	for value() != "7000000" {
		time.Sleep(20 * time.Millisecond)
	}
	that("soon is no time", errors.Is(alter(kadm.SetConfig, "soon"), kerr.InvalidConfig))
	brokers := must(admin.DescribeBrokerConfigs(ctx, 1, 2))
	equal(len(brokers), 2)
	that("brokers have configs", len(brokers[0].Configs) > 10)
}

func byAssignment(ctx context.Context) {
	create(ctx, "go-assigned", 2, nil)
	producer := newClient(kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.ProducerLinger(5*time.Millisecond))
	defer producer.Close()
	headers := []kgo.RecordHeader{{Key: "a", Value: []byte("1")}, {Key: "a"}, {Key: "", Value: []byte{}}}
	for n := range 500 {
		producer.Produce(ctx, &kgo.Record{Topic: "go-assigned", Partition: 1, Value: []byte(strconv.Itoa(n)), Headers: headers, Timestamp: time.UnixMilli(1_700_000_000_000 + int64(n))}, nil)
	}
	must(0, producer.Flush(ctx))
	consumer := newClient(
		kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{"go-assigned": {1: kgo.NewOffset().AfterMilli(1_700_000_000_100)}}),
		kgo.FetchMaxPartitionBytes(500),
	)
	defer consumer.Close()
	equal(take(ctx, consumer, 400), numbers(500)[100:])
	consumer.SetOffsets(map[string]map[int32]kgo.EpochOffset{"go-assigned": {1: {Epoch: -1, Offset: 490}}})
	fetches := consumer.PollFetches(ctx)
	must(0, fetches.Err())
	record := fetches.Records()[0]
	equal(record.Offset, 490)
	that("no key is no key", record.Key == nil)
	that("headers come as they were sent", len(record.Headers) == 3 && record.Headers[1].Value == nil && record.Headers[2].Value != nil)
}

func tooLarge(ctx context.Context) {
	create(ctx, "go-small", 1, map[string]string{"max.message.bytes": "2000"})
	client := newClient(kgo.DefaultProduceTopic("go-small"), kgo.ProducerBatchCompression(kgo.NoCompression()))
	defer client.Close()
	err := client.ProduceSync(ctx, &kgo.Record{Value: make([]byte, 5000)}).FirstErr()
	that(fmt.Sprintf("it is too large: %v", err), errors.Is(err, kerr.MessageTooLarge))
	must(0, client.ProduceSync(ctx, &kgo.Record{Value: make([]byte, 500)}).FirstErr())
}

func offsets(ctx context.Context) {
	create(ctx, "go-offsets", 2, nil)
	fill(ctx, "go-offsets", 2, 20)
	at := func(listed kadm.ListedOffsets, err error) int64 {
		must(0, err)
		must(0, listed.Error())
		offset, _ := listed.Lookup("go-offsets", 1)
		return offset.Offset
	}
	equal(at(admin.ListStartOffsets(ctx, "go-offsets")), 0)
	equal(at(admin.ListEndOffsets(ctx, "go-offsets")), 10)
	equal(at(admin.ListCommittedOffsets(ctx, "go-offsets")), 10)
	equal(at(admin.ListOffsetsAfterMilli(ctx, 0, "go-offsets")), 0)
	equal(at(admin.ListMaxTimestampOffsets(ctx, "go-offsets")) >= 0, true)
	deletes := kadm.Offsets{}
	deletes.AddOffset("go-offsets", 1, 4, -1)
	must(0, must(admin.DeleteRecords(ctx, deletes)).Error())
	equal(at(admin.ListStartOffsets(ctx, "go-offsets")), 4)
}

func group(ctx context.Context, name string, options ...kgo.Opt) {
	topic := "go-group-" + name
	create(ctx, topic, 6, nil)
	fill(ctx, topic, 6, 300)
	options = append(options, kgo.ConsumerGroup(topic), kgo.ConsumeTopics(topic), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.AutoCommitInterval(200*time.Millisecond))
	first := newClient(options...)
	seen := take(ctx, first, 300)
	equal(sorted(seen), numbers(300))
	second := newClient(options...)
	fill(ctx, topic, 6, 300)
	fresh := map[string]int{}
	bySecond := 0
	for len(fresh) < 300 || bySecond == 0 {
		that("it ends in time", ctx.Err() == nil)
		for number, client := range []*kgo.Client{first, second} {
			short, cancel := context.WithTimeout(ctx, 200*time.Millisecond)
			client.PollFetches(short).EachRecord(func(record *kgo.Record) {
				fresh[string(record.Value)]++
				bySecond += number
			})
			cancel()
		}
		if len(fresh) == 300 && bySecond == 0 {
			fill(ctx, topic, 6, 6)
		}
	}
	first.Close()
	// Some of what the first had read last may come again: it had not yet committed it.
	fillFrom(ctx, topic, 6, 1000, 60)
	last := map[string]bool{}
	for len(last) < 60 {
		for _, value := range take(ctx, second, 1) {
			if len(value) == 4 {
				last[value] = true
			}
		}
	}
	must(0, second.CommitUncommittedOffsets(ctx))
	second.Close()
	third := newClient(options...)
	defer third.Close()
	short, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	equal(third.PollFetches(short).NumRecords(), 0)
}

func groups(ctx context.Context) {
	listed := must(admin.ListGroups(ctx))
	that("both are listed", slices.Contains(listed.Groups(), "go-group-classic") && slices.Contains(listed.Groups(), "go-group-new"))
	described := must(admin.DescribeGroups(ctx, "go-group-classic"))
	must(0, described.Error())
	that("its state is told", slices.Contains([]string{"Empty", "Stable", "PreparingRebalance"}, described["go-group-classic"].State))
	lag := must(admin.Lag(ctx, "go-group-classic"))
	must(0, lag.Error())
	equal(lag["go-group-classic"].Lag.Total(), 0)
	wanted := kadm.Offsets{}
	wanted.AddOffset("go-group-classic", 0, 7, -1)
	must(0, must(admin.CommitOffsets(ctx, "go-alone", wanted)).Error())
	fetched := must(admin.FetchOffsets(ctx, "go-alone"))
	offset, _ := fetched.Lookup("go-group-classic", 0)
	equal(offset.At, 7)
	must(admin.DeleteOffsets(ctx, "go-alone", wanted.TopicsSet()))
	fetched = must(admin.FetchOffsets(ctx, "go-alone"))
	_, isThere := fetched.Lookup("go-group-classic", 0)
	that("its offset is gone", !isThere)
	must(0, must(admin.CommitOffsets(ctx, "go-alone", wanted)).Error())
	must(admin.DeleteGroup(ctx, "go-alone"))
	_, err := admin.DeleteGroup(ctx, "go-alone")
	that("it is gone", errors.Is(err, kerr.GroupIDNotFound))
}

func transactions(ctx context.Context) {
	create(ctx, "go-tx", 3, nil)
	client := newClient(kgo.TransactionalID("go-tx"), kgo.DefaultProduceTopic("go-tx"))
	defer client.Close()
	expected := map[string]bool{}
	for transaction := range 12 {
		must(0, client.BeginTransaction())
		for n := range 20 {
			value := fmt.Sprintf("%d-%d", transaction, n)
			client.Produce(ctx, kgo.StringRecord(value), nil)
			if transaction%3 != 1 {
				expected[value] = true
			}
		}
		must(0, client.Flush(ctx))
		must(0, client.EndTransaction(ctx, transaction%3 != 1))
	}
	reader := newClient(kgo.ConsumeTopics("go-tx"), kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	defer reader.Close()
	got := take(ctx, reader, len(expected))
	equal(len(got), len(expected))
	for _, value := range got {
		that(value+" was aborted or came twice", expected[value])
		delete(expected, value)
	}
	second := newClient(kgo.TransactionalID("go-tx"), kgo.DefaultProduceTopic("go-tx"))
	defer second.Close()
	must(0, client.BeginTransaction())
	must(0, client.ProduceSync(ctx, kgo.StringRecord("lost")).FirstErr())
	must(0, second.BeginTransaction())
	must(0, second.ProduceSync(ctx, kgo.StringRecord("kept")).FirstErr())
	must(0, second.EndTransaction(ctx, kgo.TryCommit))
	err := client.EndTransaction(ctx, kgo.TryCommit)
	that(fmt.Sprintf("the first is fenced: %v", err), errors.Is(err, kerr.ProducerFenced) || errors.Is(err, kerr.InvalidProducerEpoch))
	equal(take(ctx, reader, 1), []string{"kept"})
}

func describesTransactions(ctx context.Context) {
	client := newClient(kgo.TransactionalID("go-open"), kgo.DefaultProduceTopic("go-tx"))
	defer client.Close()
	must(0, client.BeginTransaction())
	must(0, client.ProduceSync(ctx, kgo.StringRecord("open")).FirstErr())
	described := must(admin.DescribeTransactions(ctx, "go-open"))
	must(0, described["go-open"].Err)
	equal(described["go-open"].State, "Ongoing")
	listed := must(admin.ListTransactions(ctx, nil, []string{"Ongoing"}))
	equal(slices.Collect(maps.Keys(listed)), []string{"go-open"})
	producers := must(admin.DescribeProducers(ctx, kadm.TopicsSet{"go-tx": {0: {}, 1: {}, 2: {}}}))
	open := 0
	producers.EachProducer(func(producer kadm.DescribedProducer) {
		if producer.CurrentTxnStartOffset >= 0 {
			open++
		}
	})
	equal(open, 1)
	must(0, client.EndTransaction(ctx, kgo.TryAbort))
}

func reassigns(ctx context.Context) {
	create(ctx, "go-moved", 1, nil)
	move := func(brokers []int32) error {
		var request kadm.AlterPartitionAssignmentsReq
		request.Assign("go-moved", 0, brokers)
		return must(admin.AlterPartitionAssignments(ctx, request))["go-moved"][0].Err
	}
	must(0, move([]int32{3}))
	for replicas := []int32{}; !slices.Equal(replicas, []int32{3}); time.Sleep(50 * time.Millisecond) {
		replicas = must(admin.ListTopics(ctx, "go-moved"))["go-moved"].Partitions[0].Replicas
	}
	equal(len(must(admin.ListPartitionReassignments(ctx, kadm.TopicsSet{"go-moved": {0: {}}}))), 0)
	that("there is nothing to cancel", errors.Is(move(nil), kerr.NoReassignmentInProgress))
	that("there is no broker 9", errors.Is(move([]int32{9}), kerr.InvalidReplicaAssignment))
}

func others(ctx context.Context) {
	elected := must(admin.ElectLeaders(ctx, kadm.ElectPreferredReplica, kadm.TopicsSet{"go-tx": {0: {}}}))
	that("no election is needed", errors.Is(elected["go-tx"][0].Err, kerr.ElectionNotNeeded))
	folders := must(admin.DescribeAllLogDirs(ctx, kadm.TopicsSet{"go-tx": {0: {}}}))
	equal(len(folders), 3)
	for _, folder := range folders {
		must(0, folder.Error())
	}
}
