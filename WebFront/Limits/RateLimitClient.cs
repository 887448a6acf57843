using System.Buffers.Binary;
using System.Net;

namespace Streaming.WebFront.Limits;

/// <summary>Who is limited: an account, a key, or an address.</summary>
internal readonly record struct RateLimitClient(UInt128 Id, bool IsAddress)
{
    private static readonly UInt128 Ipv4Mapped = (UInt128)0xFFFF << 32;

    /// <summary>An account or an API key.</summary>
    public static RateLimitClient Of(Guid id)
    {
        Span<byte> bytes = stackalloc byte[16];
        id.TryWriteBytes(bytes);
        return new RateLimitClient(BinaryPrimitives.ReadUInt128BigEndian(bytes), IsAddress: false);
    }

    /// <summary>
    /// An IPv4 address, or an IPv6 network of 64 bits, which is what one subscriber has. Whoever comes by a socket file has none, and all of them share one.
    /// </summary>
    public static RateLimitClient Of(IPAddress? address)
    {
        if (address is null)
            return new RateLimitClient(0, IsAddress: true);

        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out var length);
        if (length == 4)
            return new RateLimitClient(Ipv4Mapped | BinaryPrimitives.ReadUInt32BigEndian(bytes), IsAddress: true);

        var whole = BinaryPrimitives.ReadUInt128BigEndian(bytes);
        return new RateLimitClient(address.IsIPv4MappedToIPv6 ? whole : whole >> 64 << 64, IsAddress: true);
    }
}
