using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using Streaming.Storage.Demo;
using Streaming.Storage.Embedded;

namespace Streaming.Tests.Storage;

public sealed class DemoDataTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 14, 9, 30, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(1)]
    [InlineData(120)]
    public void Demo_data_are_the_same_each_time(int titles) =>
        Assert.Equal(Write(new DemoData(titles, new FakeTimeProvider(Now))), Write(new DemoData(titles, new FakeTimeProvider(Now))));

    [Fact]
    public void Only_the_moments_follow_the_clock()
    {
        var (first, second) = (new DemoData(80, new FakeTimeProvider(Now)), new DemoData(80, new FakeTimeProvider(Now.AddDays(10))));
        Assert.Equal(first.People().Select(p => (p.Id, p.Name, p.Email)), second.People().Select(p => (p.Id, p.Name, p.Email)));
        Assert.Equal(first.Sessions().Select(s => (s.Id, s.UserId, s.ContentId)), second.Sessions().Select(s => (s.Id, s.UserId, s.ContentId)));
        Assert.Equal(first.Reviews().Select(r => r with { CreatedAt = r.CreatedAt.AddDays(10) }), second.Reviews());
        Assert.Equal(first.Cast().Select(m => (m.Id, m.Name)), second.Cast().Select(m => (m.Id, m.Name)));
        Assert.Equal(first.Titles().Select(t => (t.Id, t.Name, t.Summary)), second.Titles().Select(t => (t.Id, t.Name, t.Summary)));
        Assert.Equal(first.Views().Select(v => (v.ContentId, v.Total)), second.Views().Select(v => (v.ContentId, v.Total)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(50)]
    [InlineData(777)]
    public void Rows_keep_the_rules_of_the_stores(int titles)
    {
        var data = new DemoData(titles, new FakeTimeProvider(Now));
        var people = data.People().ToList();
        Assert.Equal(people.Count, people.Select(p => p.Email).Distinct().Count());
        Assert.All(data.Sessions(), session => Assert.InRange(session.WatchedAt, Now.AddDays(-90), Now));
        var reviews = data.Reviews().ToList();
        // Of fewer titles than that, somebody has to review one twice.
        if (titles >= 50)
            Assert.Equal(reviews.Count, reviews.Select(r => (r.ContentId, r.UserId)).Distinct().Count());

        var cast = data.Cast().Select(m => m.Id).ToHashSet();
        foreach (var title in data.Titles())
        {
            Assert.NotEmpty(title.GenreIds);
            Assert.Equal(title.GenreIds.Count, title.GenreIds.Distinct().Count());
            Assert.Equal(title.Credits.Count, title.Credits.Select(c => c.PersonId).Distinct().Count());
            Assert.All(title.Credits, credit => Assert.Contains(credit.PersonId, cast));
        }

        Assert.Equal(Math.Min(titles, 10_000), data.Views().Count());
    }

    [Fact]
    public async Task An_embedded_start_that_was_cut_short_is_repeated()
    {
        await using var fixture = new EmbeddedFixture();
        await fixture.OpenAsync();
        using var stop = new CancellationTokenSource();
        var watch = new StopAtCatalogue(stop);
        Assert.Throws<OperationCanceledException>(() => new SqliteDemoData(fixture.Database, 20_000, fixture.Clock).FillIfEmpty(watch, stop.Token));
        Assert.Empty(await fixture.Content.ListIdsAsync(null, 1, TestContext.Current.CancellationToken));

        new SqliteDemoData(fixture.Database, 60, fixture.Clock).FillIfEmpty(TextWriter.Null, TestContext.Current.CancellationToken);

        Assert.Equal(60, (await fixture.Content.ListIdsAsync(null, 100, TestContext.Current.CancellationToken)).Count);
    }

    private static string Write(DemoData data) => JsonSerializer.Serialize(
        new object[] { data.People(), data.Sessions(), data.Reviews(), data.Cast(), data.Titles(), data.Views() });

    private sealed class StopAtCatalogue(CancellationTokenSource stop) : StringWriter
    {
        public override void WriteLine(string? value)
        {
            if (value!.StartsWith("  10,000", StringComparison.Ordinal))
                stop.Cancel();
        }
    }
}
