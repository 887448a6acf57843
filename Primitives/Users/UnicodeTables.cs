using System.Globalization;

namespace Streaming.Users;

/// <summary>What <see cref="UnicodeText"/> knows of code points: the embedded <c>unicode.txt</c>, which tells its own form and source.</summary>
internal sealed class UnicodeTables
{
    private static readonly Lazy<UnicodeTables> Read = new(() => new UnicodeTables());

    private UnicodeTables()
    {
        using var reader = new StreamReader(typeof(UnicodeTables).Assembly.GetManifestResourceStream("unicode.txt")!);
        while (reader.ReadLine() is { } line)
        {
            if (line[0] != '#')
                Add(line[0], line[2..].Split(' '));
        }
    }

    public static UnicodeTables Instance => Read.Value;

    /// <summary>Of marks alone.</summary>
    public Dictionary<int, int> Classes { get; } = [];

    public Dictionary<int, int[]> Decompositions { get; } = [];

    /// <summary>Where the compatibility decomposition, case-folded, is another than the canonical one.</summary>
    public Dictionary<int, int[]> Folds { get; } = [];

    public Dictionary<(int First, int Second), int> Pairs { get; } = [];

    private void Add(char kind, string[] words)
    {
        switch (kind)
        {
            case 'c':
                foreach (var run in words.Skip(1).Select(word => word.Split('-')))
                {
                    for (var point = Point(run[0]); point <= Point(run[^1]); point++)
                        Classes.Add(point, int.Parse(words[0], CultureInfo.InvariantCulture));
                }

                break;
            case 'd':
                Decompositions.Add(Point(words[0]), [.. words.Skip(1).Select(Point)]);
                break;
            case 'f':
                Folds.Add(Point(words[0]), [.. words.Skip(1).Where(word => word.Length > 0).Select(Point)]);
                break;
            default:
                Pairs.Add((Point(words[0]), Point(words[1])), Point(words[2]));
                break;
        }
    }

    private static int Point(string hex) => int.Parse(hex, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
