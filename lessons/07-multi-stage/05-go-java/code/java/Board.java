import java.util.List;

public class Board {
    record Train(String number, String name, String departs) {}

    public static void main(String[] args) {
        var trains = List.of(
            new Train("12124", "Deccan Queen", "07:15"),
            new Train("12126", "Pragati Express", "07:50"));
        for (var t : trains) {
            System.out.println(t.number() + "  " + t.departs() + "  " + t.name());
        }
    }
}
