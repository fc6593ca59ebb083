// What only the current version of Java's client is asked: the new consumer protocol (KIP-848) and the whole of Admin.
import java.util.*;
import org.apache.kafka.clients.admin.Admin;

public class CurrentChecks extends Probe {
  public static void main(String[] arguments) throws Exception {
    bootstrap = arguments[0];
    Set<String> parts = new HashSet<>(Arrays.asList(arguments).subList(1, arguments.length));
    admin = Admin.create(settings());
    if (parts.isEmpty() || parts.contains("new-groups")) NewGroups.all();
    if (parts.isEmpty() || parts.contains("admin")) AdminChecks.all();
    System.out.flush();
    Runtime.getRuntime().halt(0);
  }
}
