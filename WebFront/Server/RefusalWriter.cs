using System.IO.Pipelines;

namespace Streaming.WebFront.Server;

/// <summary>What a connection sends: all that the server writes, until one answer is put in the place of the rest.</summary>
internal sealed class RefusalWriter(PipeWriter connection) : PipeWriter
{
    // The server's own refusal has some 150 bytes.
    private const int ScratchBytes = 4096;

    private byte[]? instead;
    private byte[] scratch = [];

    public override bool CanGetUnflushedBytes => connection.CanGetUnflushedBytes;

    public override long UnflushedBytes => connection.UnflushedBytes;

    /// <summary>Sends an answer in place of whatever the server writes from now on. The connection ends after it.</summary>
    public void Replace(byte[] answer)
    {
        if (scratch.Length > 0)
            return;

        (instead, scratch) = (answer, new byte[ScratchBytes]);
    }

    public override void Advance(int bytes)
    {
        if (scratch.Length == 0)
            connection.Advance(bytes);
    }

    public override Memory<byte> GetMemory(int sizeHint = 0) => scratch.Length == 0 ? connection.GetMemory(sizeHint) : Scratch(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => scratch.Length == 0 ? connection.GetSpan(sizeHint) : Scratch(sizeHint);

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        if (Interlocked.Exchange(ref instead, null) is { } answer)
            return connection.WriteAsync(answer, cancellationToken);

        return connection.FlushAsync(cancellationToken);
    }

    public override ValueTask<FlushResult> WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default) =>
        scratch.Length == 0 ? connection.WriteAsync(source, cancellationToken) : FlushAsync(cancellationToken);

    public override void CancelPendingFlush() => connection.CancelPendingFlush();

    public override void Complete(Exception? exception = null) => connection.Complete(exception);

    public override ValueTask CompleteAsync(Exception? exception = null) => connection.CompleteAsync(exception);

    private byte[] Scratch(int sizeHint) => sizeHint <= scratch.Length ? scratch : scratch = new byte[sizeHint];
}
