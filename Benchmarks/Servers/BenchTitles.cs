namespace Streaming.Benchmarks.Servers;

/// <summary>The catalogue that the harness writes: the same ids in every process and every run.</summary>
internal static class BenchTitles
{
    private const int Seed = 20_26;

    public static Guid[] Ids(int count)
    {
        var random = new Random(Seed);
        var bytes = new byte[16];
        var ids = new Guid[count];
        for (var i = 0; i < count; i++)
        {
            random.NextBytes(bytes);
            ids[i] = new Guid(bytes);
        }

        return ids;
    }
}
