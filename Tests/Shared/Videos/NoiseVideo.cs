namespace Streaming.Tests.Videos;

/// <summary>Files that pass for MP4 by their first bytes and are noise behind them, which costs nothing to make and shows every gap.</summary>
internal static class NoiseVideo
{
    /// <param name="seed">Another one for each.</param>
    public static byte[] Of(int bytes, int seed = 0)
    {
        var file = new byte[bytes];
        new Random(seed).NextBytes(file);
        ReadOnlySpan<byte> head = [0, 0, 0, 32, .. "ftypisom"u8, 0, 0, 2, 0, .. "isomiso2avc1mp41"u8];
        head.CopyTo(file);
        return file;
    }
}
