using System.Globalization;
using Bogus;

namespace Streaming.Storage.Demo;

/// <summary>
/// Demo data from a fixed random seed: titles with genres and cast, people, reviews, history and views of the last week.
/// A row is made when it is read. All draw from one source, so they are the same each time only when they are read once,
/// each to its end, in the order of the members; moments follow the clock.
/// </summary>
internal sealed class DemoData
{
    private const int RandomSeed = 20_240_601;
    private const int TrendingTitles = 10_000;

    private static readonly string[] ContentTypes = ["movie", "series", "documentary"];
    private static readonly string[] Roles = ["actor", "actor", "actor", "director", "writer"];

    private readonly Randomizer random = new(RandomSeed);
    private readonly Faker faker;
    private readonly DateTimeOffset now;
    private readonly Guid[] contentIds;
    private readonly Guid[] userIds;
    private readonly string[] sentences;
    private DemoCastMember[] cast = [];

    public DemoData(int titles, TimeProvider time)
    {
        now = time.GetUtcNow();
        faker = new Faker { Random = random };
        contentIds = Ids(random, titles);
        // From a seed of their own, so that the first people are the same however many titles there are.
        userIds = Ids(new Randomizer(RandomSeed + 1), Math.Max(50, titles / 10));
        // Written once and drawn from: making a fresh text for each row would take minutes at 100,000 titles.
        sentences = [.. Enumerable.Range(0, 500).Select(_ => faker.Lorem.Sentence(8, 8))];
    }

    /// <summary>The genre with the id n is the n-th.</summary>
    public static IReadOnlyList<string> GenreNames { get; } =
        ["Action", "Adventure", "Animation", "Comedy", "Crime", "Documentary", "Drama", "Family", "Fantasy", "History", "Horror", "Mystery", "Romance", "Science Fiction", "Thriller"];

    public int TitleCount => contentIds.Length;

    public int PersonCount => userIds.Length;

    public IEnumerable<DemoPerson> People()
    {
        for (var i = 0; i < userIds.Length; i++)
        {
            var name = faker.Name.FirstName().ToLowerInvariant() + i.ToString(CultureInfo.InvariantCulture);
            yield return new DemoPerson(userIds[i], name, name + "@example.com", Ago(TimeSpan.FromDays(700)));
        }
    }

    public IEnumerable<DemoSession> Sessions()
    {
        var count = Math.Max(150, contentIds.Length * 3);
        for (var i = 0; i < count; i++)
            yield return new DemoSession(random.Guid(), random.ArrayElement(userIds), contentIds[i % contentIds.Length], Ago(TimeSpan.FromDays(90)), random.Int(60, 7_200));
    }

    public IEnumerable<DemoReview> Reviews()
    {
        var count = Math.Max(150, contentIds.Length * 3);
        for (var i = 0; i < count; i++)
        {
            // Walking the people, a different step for each round over the titles: no pair of title and person comes twice.
            var user = userIds[(i + (i / contentIds.Length)) % userIds.Length];
            var at = Milliseconds(now - TimeSpan.FromSeconds((count - i) * 20L));
            yield return new DemoReview(i, contentIds[i % contentIds.Length], user, random.Int(1, 10), random.ArrayElement(sentences), at);
        }
    }

    public IReadOnlyList<DemoCastMember> Cast()
    {
        cast = new DemoCastMember[Math.Clamp(contentIds.Length, 50, 5_000)];
        for (var i = 0; i < cast.Length; i++)
        {
            var (id, role, name) = (random.Guid(), random.ArrayElement(Roles), faker.Name.FullName());
            cast[i] = new DemoCastMember(id, name, role, random.ArrayElement(sentences), DaysAgo(random.Int(7_000, 30_000)));
        }

        return cast;
    }

    public IEnumerable<DemoTitle> Titles()
    {
        for (var i = 0; i < contentIds.Length; i++)
        {
            var type = ContentTypes[i % ContentTypes.Length];
            yield return new DemoTitle(
                contentIds[i], MakeTitle(), DaysAgo(random.Int(30, 15_000)), type == "series" ? null : random.Int(60, 180), type,
                random.ArrayElement(sentences) + " " + random.ArrayElement(sentences), Math.Round(random.Double(6, 10), 1),
                Ago(TimeSpan.FromDays(700)), DrawGenres(), DrawCredits());
        }
    }

    /// <summary>A week of views, so that totals and trends have something to show.</summary>
    public IEnumerable<DemoViews> Views()
    {
        var today = DateOnly.FromDateTime(now.UtcDateTime);
        foreach (var id in contentIds.Take(TrendingTitles))
        {
            var days = new DemoDay[7];
            for (var day = 0; day < days.Length; day++)
            {
                var views = random.Int(1, 1_000);
                days[day] = new DemoDay(today.AddDays(-day), views, views * random.Int(5, 60));
            }

            yield return new DemoViews(id, days);
        }
    }

    private List<int> DrawGenres()
    {
        var genres = new List<int>(3);
        for (var n = random.Int(1, 3); n > 0; n--)
        {
            var genre = random.Int(1, GenreNames.Count);
            if (!genres.Contains(genre))
                genres.Add(genre);
        }

        return genres;
    }

    private List<DemoCredit> DrawCredits()
    {
        var credits = new List<DemoCredit>(5);
        for (var n = random.Int(2, 5); n > 0; n--)
        {
            var person = random.ArrayElement(cast);
            var character = person.Role == "actor" ? random.ArrayElement(cast).Name : null;
            if (!credits.Exists(credit => credit.PersonId == person.Id))
                credits.Add(new DemoCredit(person.Id, character));
        }

        return credits;
    }

    private string MakeTitle()
    {
        var adjective = faker.Commerce.ProductAdjective();
        var noun = faker.Hacker.Noun();
        return $"The {adjective} {char.ToUpperInvariant(noun[0])}{noun[1..]}";
    }

    private static Guid[] Ids(Randomizer random, int count) => [.. Enumerable.Range(0, count).Select(_ => random.Guid())];

    private DateTimeOffset Ago(TimeSpan most) => Milliseconds(now - (most * random.Double()));

    private DateOnly DaysAgo(int days) => DateOnly.FromDateTime(now.AddDays(-days).UtcDateTime);

    /// <summary>No store keeps more of a moment.</summary>
    private static DateTimeOffset Milliseconds(DateTimeOffset moment) => DateTimeOffset.FromUnixTimeMilliseconds(moment.ToUnixTimeMilliseconds());
}
