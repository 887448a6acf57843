using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Streaming;

/// <summary>A number that names bytes: the same for the same bytes, in whatever process. Never 0.</summary>
public static class ContentVersion
{
    public static ulong Of(ReadOnlySpan<byte> content, ReadOnlySpan<byte> rest = default)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(content);
        hash.AppendData(rest);
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        hash.GetHashAndReset(digest);
        return NotZero(BinaryPrimitives.ReadUInt64BigEndian(digest));
    }

    /// <summary>Of two that stand together.</summary>
    public static ulong Combine(ulong first, ulong second) => NotZero(unchecked((first * 0x9E37_79B9_7F4A_7C15) + second));

    private static ulong NotZero(ulong version) => version == 0 ? 1 : version;
}
