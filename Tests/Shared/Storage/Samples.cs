using Streaming.Content;

namespace Streaming.Tests.Storage;

/// <summary>Sample values from a fixed random seed.</summary>
public sealed class Samples
{
    private static readonly DateTimeOffset Created = new(2025, 5, 6, 7, 8, 9, 123, TimeSpan.Zero);

    private readonly Random random = new(20_260_314);

    public Guid Id()
    {
        Span<byte> bytes = stackalloc byte[16];
        random.NextBytes(bytes);
        return new Guid(bytes);
    }

    public int Number(int min, int max) => random.Next(min, max + 1);

    public static ContentDocument Title(Guid id, string name) => new(
        new ContentRow(id, name, null, null, null, "movie", null, null, null, null, Created, Created),
        new ContentCredits([], []));
}
