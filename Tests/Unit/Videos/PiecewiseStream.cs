namespace Streaming.Tests.Videos;

/// <summary>Gives bytes as a connection does: in pieces that end where they end.</summary>
internal sealed class PiecewiseStream(byte[] bytes, Func<int, int> pieceAt) : MemoryStream(bytes, writable: false)
{
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var piece = Math.Max(1, pieceAt((int)Position));
        return ValueTask.FromResult(Read(buffer.Span[..Math.Min(piece, buffer.Length)]));
    }
}
