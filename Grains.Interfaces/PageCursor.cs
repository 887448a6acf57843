using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;

namespace Streaming;

/// <summary>
/// Keyset cursor: the sort value and the id of the last row of a page. Opaque to clients
/// (base64url of 24 bytes), stable under inserts.
/// </summary>
[GenerateSerializer, Immutable, Alias("page-cursor")]
public readonly record struct PageCursor([property: Id(0)] long Sort, [property: Id(1)] Guid Id)
{
    private const int Size = 8 + 16;

    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[Size];
        BinaryPrimitives.WriteInt64BigEndian(bytes, Sort);
        Id.TryWriteBytes(bytes[8..], bigEndian: true, out _);
        return Base64Url.EncodeToString(bytes);
    }

    public static bool TryParse([NotNullWhen(true)] string? text, out PageCursor cursor)
    {
        cursor = default;
        Span<byte> bytes = stackalloc byte[Size];
        // Not TryDecodeFromChars, which throws for what is no base64url.
        if (text is not { Length: 32 } || Base64Url.DecodeFromChars(text, bytes, out _, out var written) != OperationStatus.Done || written != Size)
            return false;

        cursor = new PageCursor(BinaryPrimitives.ReadInt64BigEndian(bytes), new Guid(bytes[8..], bigEndian: true));
        return true;
    }
}
