using System.IO.Pipelines;
using Streaming.WebFront.Auth;

namespace Streaming.WebFront.Videos;

/// <summary>
/// A response's body that counts. To the body itself a client that has gone is no failure: it takes all the rest, which would be
/// read from disk and charged, and players leave often. It ends with the subject's access: a long file takes hours.
/// </summary>
internal sealed class MeteredBody(PipeWriter connection, Guid subject, DownloadMeter meter, RevocationCache revocations) : Stream
{
    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <exception cref="OperationCanceledException">The client has gone, or its account was banned or deleted.</exception>
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (!revocations.IsLetIn(subject))
            throw new OperationCanceledException("The account is let in no more.", cancellationToken);

        var taken = await connection.WriteAsync(buffer, cancellationToken);
        if (taken.IsCompleted || taken.IsCanceled)
            throw new OperationCanceledException("The client has gone.", cancellationToken);

        meter.Count(subject, buffer.Length);
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override async Task FlushAsync(CancellationToken cancellationToken) => await connection.FlushAsync(cancellationToken);

    public override void Flush() => throw new NotSupportedException();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
