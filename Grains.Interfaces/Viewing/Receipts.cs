using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Streaming.Viewing;

/// <summary>
/// Receipts: the first 128 bits of SHA-256 over who sent a key, what for, and the key, so that one caller's keys
/// never meet another's and a receipt tells nothing of its key.
/// </summary>
public static class Receipts
{
    /// <summary>Whoever calls without an account.</summary>
    public const string Anonymous = "anonymous";

    /// <summary>The receipt of one title's views.</summary>
    public static Guid ForTitle(string subject, Guid contentId, string key) => Hash("title", subject, contentId, key);

    /// <summary>The receipt of a whole batch request.</summary>
    public static Guid ForBatch(string subject, string key) => Hash("batch", subject, Guid.Empty, key);

    /// <summary>The receipt of a qualified view: once a viewer, title and period.</summary>
    public static Guid ForQualifiedView(Guid userId, Guid contentId, long period) =>
        Hash("qualified", userId.ToString("N"), contentId, period.ToString(System.Globalization.CultureInfo.InvariantCulture));

    /// <summary>The id of a viewing session's row, so that a repeated write meets the same row.</summary>
    public static Guid ForSession(Guid userId, Guid contentId, string session) =>
        Hash("session", userId.ToString("N"), contentId, session);

    private static Guid Hash(string kind, string subject, Guid contentId, string key)
    {
        var length = Encoding.UTF8.GetMaxByteCount(kind.Length + subject.Length + key.Length) + 16 + 2;
        Span<byte> buffer = length <= 1024 ? stackalloc byte[length] : new byte[length];
        var used = Encoding.UTF8.GetBytes(kind, buffer);
        buffer[used++] = 0;
        used += Encoding.UTF8.GetBytes(subject, buffer[used..]);
        buffer[used++] = 0;
        contentId.TryWriteBytes(buffer[used..]);
        used += 16;
        used += Encoding.UTF8.GetBytes(key, buffer[used..]);

        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(buffer[..used], digest);
        return MemoryMarshal.Read<Guid>(digest);
    }
}
