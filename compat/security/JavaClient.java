import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.ScramCredentialInfo;
import org.apache.kafka.clients.admin.ScramMechanism;
import org.apache.kafka.clients.admin.UserScramCredentialAlteration;
import org.apache.kafka.clients.admin.UserScramCredentialDeletion;
import org.apache.kafka.clients.admin.UserScramCredentialUpsertion;
import org.apache.kafka.clients.admin.DescribeClusterOptions;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclBindingFilter;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.errors.DuplicateResourceException;
import org.apache.kafka.common.errors.ResourceNotFoundException;
import org.apache.kafka.common.errors.UnacceptableCredentialException;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;

/**
 * Java's own client against a listener with security. {@code java JavaClient VERB BOOTSTRAP ARGUMENT… -- NAME=VALUE…}
 *
 * Verbs: {@code records TOPIC VALUE} writes a record and reads it back; {@code administer USER} makes, finds and deletes ACLs and SCRAM credentials of that user;
 * {@code stay TOPIC SECONDS} writes records for so long. Prints {@code ok}, or {@code refused} and the name of the exception.
 */
public class JavaClient {
    public static void main(String[] args) throws Exception {
        List<String> all = List.of(args);
        int split = all.indexOf("--");
        Properties settings = new Properties();
        settings.put("bootstrap.servers", args[1]);
        for (String setting : all.subList(split + 1, all.size())) {
            int at = setting.indexOf('=');
            settings.put(setting.substring(0, at), setting.substring(at + 1));
        }
        List<String> rest = all.subList(2, split);
        try {
            switch (args[0]) {
                case "records" -> records(settings, rest.get(0), rest.get(1));
                case "administer" -> administer(settings, rest.get(0));
                case "stay" -> stay(settings, rest.get(0), Integer.parseInt(rest.get(1)));
                default -> throw new IllegalArgumentException(args[0]);
            }
            System.out.println("ok");
        } catch (Throwable problem) {
            Throwable cause = problem instanceof ExecutionException && problem.getCause() != null ? problem.getCause() : problem;
            System.out.println("refused " + cause.getClass().getSimpleName() + ": " + cause.getMessage());
        }
        // Clients that could not log in leave threads behind.
        System.exit(0);
    }

    private static Properties producing(Properties settings) {
        Properties all = new Properties();
        all.putAll(settings);
        all.put("key.serializer", "org.apache.kafka.common.serialization.StringSerializer");
        all.put("value.serializer", "org.apache.kafka.common.serialization.StringSerializer");
        all.put("delivery.timeout.ms", "60000");
        all.put("request.timeout.ms", "30000");
        return all;
    }

    private static void records(Properties settings, String topic, String value) throws Exception {
        try (KafkaProducer<String, String> producer = new KafkaProducer<>(producing(settings))) {
            producer.send(new ProducerRecord<>(topic, 0, null, value)).get(120, TimeUnit.SECONDS);
        }
        Properties reading = new Properties();
        reading.putAll(settings);
        reading.put("key.deserializer", "org.apache.kafka.common.serialization.StringDeserializer");
        reading.put("value.deserializer", "org.apache.kafka.common.serialization.StringDeserializer");
        try (KafkaConsumer<String, String> consumer = new KafkaConsumer<>(reading)) {
            TopicPartition partition = new TopicPartition(topic, 0);
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            long until = System.currentTimeMillis() + 60_000;
            while (System.currentTimeMillis() < until)
                for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(200))) if (record.value().equals(value)) return;
        }
        throw new IllegalStateException("the record was not read back");
    }

    private static void administer(Properties settings, String user) throws Exception {
        try (Admin admin = Admin.create(settings)) {
            String topic = "java-" + user;
            admin.createTopics(List.of(new NewTopic(topic, 1, (short) 1))).all().get();
            List<AclBinding> bindings = List.of(
                binding(ResourceType.TOPIC, topic, PatternType.LITERAL, user, AclOperation.WRITE),
                binding(ResourceType.TOPIC, "java-", PatternType.PREFIXED, user, AclOperation.READ),
                binding(ResourceType.GROUP, "*", PatternType.LITERAL, user, AclOperation.ALL));
            admin.createAcls(bindings).all().get();
            AclBindingFilter ofUser = new AclBindingFilter(
                org.apache.kafka.common.resource.ResourcePatternFilter.ANY,
                new org.apache.kafka.common.acl.AccessControlEntryFilter("User:" + user, null, AclOperation.ANY, AclPermissionType.ANY));
            Set<AclBinding> found = Set.copyOf(admin.describeAcls(ofUser).values().get());
            require(found.equals(Set.copyOf(bindings)), "the ACLs made are not those found: " + found);
            require(admin.deleteAcls(List.of(ofUser)).all().get().size() == 3, "not all ACLs were deleted");
            require(admin.describeAcls(ofUser).values().get().isEmpty(), "deleted ACLs were found");
            ScramCredentialInfo info = new ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, 8192);
            admin.alterUserScramCredentials(List.of(new UserScramCredentialUpsertion(user, info, "of " + user))).all().get();
            List<ScramCredentialInfo> infos = admin.describeUserScramCredentials(List.of(user)).description(user).get().credentialInfos();
            require(infos.contains(info), "the credential is described otherwise: " + infos);
            admin.alterUserScramCredentials(List.of(new UserScramCredentialDeletion(user, ScramMechanism.SCRAM_SHA_512))).all().get();
            require(!admin.describeUserScramCredentials().all().get().containsKey(user), "the credential is still there");
            refuseCredentials(admin, user);
            int operations = admin.describeCluster(new DescribeClusterOptions().includeAuthorizedOperations(true)).authorizedOperations().get().size();
            require(operations == 7, operations + " operations on the cluster are authorized");
        }
    }

    /** What Kafka refuses about credentials: with the class of the exception, for the whole user, and without a change. */
    private static void refuseCredentials(Admin admin, String user) throws Exception {
        UserScramCredentialUpsertion good = upsertion(user, ScramMechanism.SCRAM_SHA_256, 4096);
        UserScramCredentialDeletion absent = new UserScramCredentialDeletion(user, ScramMechanism.SCRAM_SHA_512);
        refused(admin, user, UnacceptableCredentialException.class, List.of(good, upsertion(user, ScramMechanism.SCRAM_SHA_512, 4095)));
        refused(admin, user, UnacceptableCredentialException.class, List.of(upsertion(user, ScramMechanism.SCRAM_SHA_512, 16385), good));
        refused(admin, user, DuplicateResourceException.class, List.of(good, good));
        refused(admin, user, DuplicateResourceException.class, List.of(good, new UserScramCredentialDeletion(user, ScramMechanism.SCRAM_SHA_256)));
        refused(admin, user, ResourceNotFoundException.class, List.of(absent));
        refused(admin, user, ResourceNotFoundException.class, List.of(good, absent));
        try {
            admin.describeUserScramCredentials(List.of(user)).description(user).get();
            throw new IllegalStateException("a user without credentials is described");
        } catch (ExecutionException error) {
            require(error.getCause() instanceof ResourceNotFoundException, "a user without credentials: " + error.getCause());
        }
        // One user's refusal is nobody else's.
        String other = user + "-other";
        var results = admin.alterUserScramCredentials(List.of(absent, upsertion(other, ScramMechanism.SCRAM_SHA_256, 16384))).values();
        results.get(other).get();
        admin.alterUserScramCredentials(List.of(new UserScramCredentialDeletion(other, ScramMechanism.SCRAM_SHA_256))).all().get();
    }

    private static UserScramCredentialUpsertion upsertion(String user, ScramMechanism mechanism, int iterations) {
        return new UserScramCredentialUpsertion(user, new ScramCredentialInfo(mechanism, iterations), "of " + user);
    }

    private static void refused(Admin admin, String user, Class<? extends Exception> expected, List<UserScramCredentialAlteration> changes) throws Exception {
        try {
            admin.alterUserScramCredentials(changes).values().get(user).get();
        } catch (ExecutionException error) {
            require(expected.isInstance(error.getCause()), "expected " + expected.getSimpleName() + ", got " + error.getCause());
            require(!admin.describeUserScramCredentials().all().get().containsKey(user), "a refused change was made");
            return;
        }
        throw new IllegalStateException("taken instead of " + expected.getSimpleName());
    }

    private static AclBinding binding(ResourceType type, String name, PatternType pattern, String user, AclOperation operation) {
        return new AclBinding(
            new ResourcePattern(type, name, pattern),
            new AccessControlEntry("User:" + user, "*", operation, AclPermissionType.ALLOW));
    }

    private static void stay(Properties settings, String topic, int seconds) throws Exception {
        try (KafkaProducer<String, String> producer = new KafkaProducer<>(producing(settings))) {
            long until = System.currentTimeMillis() + seconds * 1000L;
            while (System.currentTimeMillis() < until) {
                producer.send(new ProducerRecord<>(topic, 0, null, "stays")).get(60, TimeUnit.SECONDS);
                Thread.sleep(50);
            }
            Map<org.apache.kafka.common.MetricName, ? extends org.apache.kafka.common.Metric> metrics = producer.metrics();
            double renewed = metrics.entrySet().stream()
                .filter(entry -> entry.getKey().name().equals("successful-reauthentication-total") && !entry.getKey().tags().containsKey("node-id"))
                .mapToDouble(entry -> ((Number) entry.getValue().metricValue()).doubleValue()).sum();
            require(renewed >= 1, "the session was never renewed");
        }
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) throw new IllegalStateException(otherwise);
    }
}
