using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Streaming.Storage;

/// <summary>Review ids of 12 bytes, as a document store makes its object ids: seconds, five random bytes of the process, a counter.</summary>
internal static class ReviewIds
{
    private const int Size = 12;
    private static readonly byte[] Process = RandomNumberGenerator.GetBytes(5);
    private static int counter = RandomNumberGenerator.GetInt32(1 << 24);

    public static byte[] New(DateTimeOffset now)
    {
        var id = new byte[Size];
        BinaryPrimitives.WriteUInt32BigEndian(id, (uint)now.ToUnixTimeSeconds());
        Process.CopyTo(id, 4);
        var next = Interlocked.Increment(ref counter);
        (id[9], id[10], id[11]) = ((byte)(next >> 16), (byte)(next >> 8), (byte)next);
        return id;
    }

    public static Guid ToCursor(string id)
    {
        Span<byte> bytes = stackalloc byte[16];
        Convert.FromHexString(id, bytes, out _, out _);
        return new Guid(bytes, bigEndian: true);
    }

    public static byte[] FromCursor(Guid cursor) => cursor.ToByteArray(bigEndian: true)[..Size];
}
