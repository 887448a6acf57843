namespace Streaming.Benchmarks.Load;

/// <summary>Zipf-distributed indexes with exponent 1: index k is drawn with a weight of 1 / (k + 1).</summary>
internal static class Zipf
{
    public const int TableSize = 1 << 20;
    private const int Seed = 20_26;

    public static int[] Samples(int population, int count = TableSize)
    {
        var cumulative = new double[population];
        var sum = 0.0;
        for (var i = 0; i < population; i++)
            cumulative[i] = sum += 1.0 / (i + 1);

        // The same draws in every run, so that two runs differ by the server alone.
        var random = new Random(Seed);
        var samples = new int[count];
        for (var i = 0; i < count; i++)
        {
            var found = Array.BinarySearch(cumulative, random.NextDouble() * sum);
            samples[i] = Math.Min(found < 0 ? ~found : found, population - 1);
        }

        return samples;
    }
}
