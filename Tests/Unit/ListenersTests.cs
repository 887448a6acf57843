using Microsoft.Extensions.Configuration;
using Streaming.Silo;

namespace Streaming.Tests;

public sealed class ListenersTests
{
    private const string Default = "http://localhost:3000";

    [Theory]
    [InlineData("http://127.0.0.1:99999")]
    [InlineData("http://127.0.0.1:65536")]
    [InlineData("http://127.0.0.1:-1")]
    [InlineData("http://localhost:70000")]
    [InlineData("http://127.0.0.1:80a")]
    [InlineData("http://127.0.0.1:80:90")]
    [InlineData("http://999.1.1.1:21510")]
    [InlineData("http://1.2.3.4.5:21510")]
    [InlineData("http://my host:21510")]
    [InlineData("http://[::1:21510")]
    [InlineData("http://[::1]:80a")]
    [InlineData("http://[::1]:99999999999")]
    [InlineData("http://::1:21510")]
    [InlineData("http://127.0.0.1:21510/base")]
    [InlineData("ftp://127.0.0.1:21510")]
    [InlineData("127.0.0.1:21510")]
    [InlineData("http://")]
    [InlineData("http://unix:/no/such/folder/x.sock")]
    [InlineData(" ")]
    public void Address_that_is_none_is_refused_and_its_neighbour_is_not(string address)
    {
        var listeners = Read(("urls", $"http://127.0.0.1:5000;{address}"));

        Assert.StartsWith($"ASPNETCORE_URLS: cannot listen on '{address}': ", Assert.Single(listeners.Errors), StringComparison.Ordinal);
        Assert.Equal("http://127.0.0.1:5000", Assert.Single(listeners.Addresses).ToString());
    }

    [Theory]
    [InlineData("http://127.0.0.1:0")]
    [InlineData("http://127.0.0.1:65535")]
    [InlineData("http://[::1]:5000")]
    [InlineData("https://[::]:443")]
    [InlineData("HTTP://LocalHost:5000")]
    [InlineData("http://*:80")]
    [InlineData("http://+:80/")]
    [InlineData("http://my-host.example.com:80")]
    [InlineData("http://front1")]
    [InlineData("http://unix:/tmp/x.sock")]
    public void Address_that_is_one_is_taken(string address)
    {
        var listeners = Read(("urls", address));

        Assert.Empty(listeners.Errors);
        Assert.Single(listeners.Addresses);
    }

    [Theory]
    [InlineData("urls", ";", "ASPNETCORE_URLS")]
    [InlineData("http_ports", "80;99999", "ASPNETCORE_HTTP_PORTS")]
    [InlineData("https_ports", "x", "ASPNETCORE_HTTPS_PORTS")]
    [InlineData("Kestrel:Endpoints:Api:Url", "http://999.1.1.1", "Kestrel:Endpoints:Api:Url")]
    public void Setting_that_is_wrong_is_named(string key, string value, string setting) =>
        Assert.StartsWith(setting, Assert.Single(Read((key, value)).Errors), StringComparison.Ordinal);

    [Fact]
    public void Default_is_taken_where_nothing_is_configured() =>
        Assert.Equal(Default, Assert.Single(Read(("urls", "")).Addresses).ToString());

    private static Listeners Read(params (string Key, string Value)[] settings)
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create<string, string?>(setting.Key, setting.Value))).Build();
        return Listeners.Read(Listeners.Configured(configuration, Default), Default);
    }
}
