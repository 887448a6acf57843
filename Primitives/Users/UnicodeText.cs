using System.Text;

namespace Streaming.Users;

/// <summary>
/// Normal forms of texts that must be found again. By tables of our own: the programs run without ICU, where the framework takes
/// every text for normal, and a form that is stored must not change with a library. Code points of later versions stay as they are.
/// </summary>
public static class UnicodeText
{
    /// <summary>NFC: letters and their marks composed.</summary>
    public static string Nfc(string text) => Ascii.IsValid(text) ? text : Normalize(text, folds: false);

    /// <summary>NFKC of the case-folded text: what looks and sounds the same, such as full-width, ligatures and capitals, is the same.</summary>
    public static string NfkcFold(string text) => Ascii.IsValid(text) ? text.ToLowerInvariant() : Normalize(text, folds: true);

    private static string Normalize(string text, bool folds)
    {
        var points = new List<int>(text.Length);
        foreach (var rune in text.EnumerateRunes())
            Decompose(rune.Value, folds, points);

        Order(points);
        Compose(points);
        var normal = new StringBuilder(points.Count);
        foreach (var point in points)
            normal.Append(new Rune(point).ToString());

        return normal.ToString();
    }

    private static void Decompose(int point, bool folds, List<int> points)
    {
        var tables = UnicodeTables.Instance;
        if ((folds && tables.Folds.TryGetValue(point, out var parts)) || tables.Decompositions.TryGetValue(point, out parts))
            points.AddRange(parts);
        else if (Hangul.IsSyllable(point))
            Hangul.Decompose(point, points);
        else
            points.Add(point);
    }

    /// <summary>Marks after one letter in the order of their classes, those of one class as they stood.</summary>
    private static void Order(List<int> points)
    {
        var classes = UnicodeTables.Instance.Classes;
        for (var i = 1; i < points.Count; i++)
        {
            var mark = points[i];
            var order = classes.GetValueOrDefault(mark);
            var to = i;
            if (order == 0)
                continue;

            for (; to > 0 && classes.GetValueOrDefault(points[to - 1]) > order; to--)
                points[to] = points[to - 1];

            points[to] = mark;
        }
    }

    private static void Compose(List<int> points)
    {
        var tables = UnicodeTables.Instance;
        var (starter, lastClass, length) = (-1, -1, 0);
        foreach (var point in points.ToArray())
        {
            var order = tables.Classes.GetValueOrDefault(point);
            // Blocked by what stands between, unless nothing does.
            if (starter >= 0 && lastClass < order && Pair(points[starter], point) is { } composed)
            {
                points[starter] = composed;
                continue;
            }

            if (order == 0)
                (starter, lastClass) = (length, -1);
            else
                lastClass = order;

            points[length++] = point;
        }

        points.RemoveRange(length, points.Count - length);

        int? Pair(int first, int second) =>
            tables.Pairs.TryGetValue((first, second), out var pair) ? pair : Hangul.Compose(first, second);
    }

    /// <summary>Syllables are computed from their letters.</summary>
    private static class Hangul
    {
        private const int First = 0xAC00;
        private const int Leading = 0x1100;
        private const int Vowel = 0x1161;
        private const int Trailing = 0x11A7;
        private const int Leadings = 19;
        private const int Vowels = 21;
        private const int Trailings = 28;

        public static bool IsSyllable(int point) => point is >= First and < First + (Leadings * Vowels * Trailings);

        public static void Decompose(int point, List<int> points)
        {
            var index = point - First;
            points.Add(Leading + (index / (Vowels * Trailings)));
            points.Add(Vowel + (index / Trailings % Vowels));
            if (index % Trailings is > 0 and var trailing)
                points.Add(Trailing + trailing);
        }

        public static int? Compose(int first, int second)
        {
            if (first is >= Leading and < Leading + Leadings && second is >= Vowel and < Vowel + Vowels)
                return First + ((((first - Leading) * Vowels) + second - Vowel) * Trailings);

            return IsSyllable(first) && (first - First) % Trailings == 0 && second is > Trailing and < Trailing + Trailings
                ? first + second - Trailing
                : null;
        }
    }
}
