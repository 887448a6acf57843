using Microsoft.Extensions.Configuration;
using Streaming.WebFront.Limits;

namespace Streaming.Tests.Http;

public sealed class KnownProxiesTests
{
    [Fact]
    public void No_proxy_is_known_unless_it_is_named() => Assert.Null(KnownProxies.Read(new ProxyOptions()));

    [Theory]
    [InlineData("10.0.0.7, 10.1.0.0/16;2001:db8::/32 ::1")]
    public void Addresses_and_networks_may_stand_in_one_text(string known)
    {
        var options = Read(("Proxies:Known", known), ("Proxies:Hops", "3"))!;

        Assert.Equal(["10.0.0.7", "::1"], options.KnownProxies.Select(address => address.ToString()));
        Assert.Equal(["10.1.0.0/16", "2001:db8::/32"], options.KnownIPNetworks.Select(network => network.ToString()));
        Assert.Equal(3, options.ForwardLimit);
    }

    [Theory]
    [InlineData("proxy.example.com")]
    [InlineData("10.0.0.0/33")]
    [InlineData("10.0.0.0/-1")]
    [InlineData("*")]
    [InlineData("10.0.0.7, nonsense")]
    public void Entry_that_is_neither_is_refused_and_named(string known)
    {
        var failure = Assert.Throws<StartupException>(() => Read(("Proxies:Known", known)));

        Assert.Contains($"\"{known.Split(", ")[^1]}\"", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("11")]
    [InlineData("all")]
    public void Number_of_hops_that_makes_no_sense_is_refused(string hops) =>
        Assert.Throws<StartupException>(() => Read(("Proxies:Known", "10.0.0.7"), ("Proxies:Hops", hops)));

    [Fact]
    public void Array_and_text_may_both_be_set()
    {
        var options = Read(("Proxies:Known", "10.0.0.7"), ("Proxies:Known:0", "10.0.0.8"))!;

        Assert.Equal(["10.0.0.7", "10.0.0.8"], options.KnownProxies.Select(address => address.ToString()));
    }

    private static Microsoft.AspNetCore.Builder.ForwardedHeadersOptions? Read(params (string Key, string Value)[] settings)
    {
        var configuration = new ConfigurationManager();
        foreach (var (key, value) in settings)
            configuration[key] = value;

        return KnownProxies.Read(configuration.Read<ProxyOptions>(ProxyOptions.Section));
    }
}
