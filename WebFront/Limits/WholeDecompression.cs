using System.IO.Compression;
using Microsoft.AspNetCore.RequestDecompression;

namespace Streaming.WebFront.Limits;

/// <summary>
/// Decompresses a body, and refuses one that goes on behind its end: the framework's decoders take what follows for nothing, so that all
/// behind a damaged head of a further member would be lost without a word.
/// </summary>
/// <param name="hasMembers">Whether the format is a series of members (gzip), after each of which the decoder looks for another.</param>
internal sealed class WholeDecompression(Func<Stream, Stream> open, bool hasMembers) : IDecompressionProvider
{
    public static WholeDecompression Gzip { get; } = new(static body => new GZipStream(body, CompressionMode.Decompress), hasMembers: true);

    public static WholeDecompression Deflate { get; } = new(static body => new ZLibStream(body, CompressionMode.Decompress), hasMembers: false);

    public Stream GetDecompressionStream(Stream stream)
    {
        var tail = new TailStream(stream);
        return new WholeStream(open(tail), tail, hasMembers);
    }

    private sealed class WholeStream(Stream decoder, TailStream tail, bool hasMembers) : ReadOnlyStream
    {
        /// <exception cref="InvalidDataException">It is not compressed so, breaks off, or something follows it.</exception>
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var read = await decoder.ReadAsync(buffer, cancellationToken);
            // A decoder that looks for another member has asked for more behind the last byte, unless that byte was none of its own.
            if (read == 0 && buffer.Length > 0 && !tail.WasAskedForMore && (hasMembers || !tail.WasTaken))
                throw new InvalidDataException("Something follows the compressed body.");

            return read;
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                decoder.Dispose();

            base.Dispose(disposing);
        }
    }
}
