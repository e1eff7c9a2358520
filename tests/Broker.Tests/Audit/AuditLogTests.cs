using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using SidecarAgent.Broker.Audit;
using SidecarAgent.Broker.Identity;
using SidecarAgent.Testing;

namespace SidecarAgent.Broker.Tests.Audit;

public sealed class AuditLogTests : IDisposable
{
    private static readonly Workload Orders =
        new("https://cluster-a", "shop", "orders", "orders-0", "6f0c", "node1");

    private readonly TempDirectory _directory = TempDirectory.Create();
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 7, 1, 12, 0, 0, TimeSpan.Zero));

    private string LogFile => _directory.File("audit.jsonl");

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task An_entry_is_a_line_of_JSON_in_the_documented_form()
    {
        await using (var log = await OpenAsync())
        {
            await log.AppendAsync(
                new AuditEntry(AuditAction.LiftCutOff, true, "why \"not\"")
                {
                    Operator = "local",
                    Workload = Orders,
                    Path = "kv/shop/orders",
                    Version = 3,
                    Fields = ["username", "apiKey"],
                    LeaseId = "lease-1",
                },
                CancellationToken.None);
        }

        var lines = await File.ReadAllLinesAsync(LogFile);
        Assert.Equal(2, lines.Length);
        var first = JsonDocument.Parse(lines[0]).RootElement.GetProperty("hash").GetString();
        AssertStarts(
            "{'seq':1,'time':'2026-07-01T12:00:00.000000Z','action':'started','allowed':true,'prev':'0000000000000000",
            lines[0]);
        AssertStarts(
            "{'seq':2,'time':'2026-07-01T12:00:00.000000Z','action':'lift_cut_off','allowed':true,'operator':'local',"
            + "'workload':{'issuer':'https://cluster-a','namespace':'shop','serviceAccount':'orders',"
            + "'pod':'orders-0','podUid':'6f0c','node':'node1'},'path':'kv/shop/orders','version':3,"
            + "'fields':['username','apiKey'],'lease':'lease-1','detail':'why \\u0022not\\u0022',"
            + $"'prev':'{first}','hash':'",
            lines[1]);
    }

    [Fact]
    public async Task A_defect_that_stops_the_writer_is_told_to_who_waits_and_to_who_supervises()
    {
        await using var log = await OpenAsync();

        await Assert.ThrowsAsync<AuditUnavailableException>(
            () => log.AppendAsync(new AuditEntry((AuditAction)999, true), CancellationToken.None));

        await Assert.ThrowsAsync<KeyNotFoundException>(() => log.Writing);
        await Assert.ThrowsAsync<AuditUnavailableException>(
            () => log.AppendAsync(new AuditEntry(AuditAction.Put, true), CancellationToken.None));
    }

    [Fact]
    public async Task The_file_is_its_owner_s_alone()
    {
        await using var log = await OpenAsync();

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(LogFile));
    }

    [Fact]
    public async Task An_acknowledged_entry_is_in_the_file()
    {
        await using var log = await OpenAsync();
        for (ulong i = 1; i <= 20; i++)
        {
            await log.AppendAsync(Entry(i), CancellationToken.None);
            Assert.Contains($"\"version\":{i},", File.ReadLines(LogFile).Last(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Many_callers_share_a_write_and_nothing_is_lost_or_torn()
    {
        await using (var log = await OpenAsync())
        {
            await Parallel.ForEachAsync(
                Enumerable.Range(1, 5000),
                new ParallelOptions { MaxDegreeOfParallelism = 200 },
                async (i, cancellation) => await log.AppendAsync(Entry((ulong)i), cancellation));
        }

        Assert.Equal(5001, Assert.IsType<AuditVerification.Intact>(AuditVerifier.Verify(LogFile)).Entries);
        var versions = File.ReadLines(LogFile).Skip(1)
            .Select(line => JsonDocument.Parse(line).RootElement.GetProperty("version").GetInt32());
        Assert.Equal(Enumerable.Range(1, 5000), versions.Order());
    }

    [Fact]
    public async Task A_log_is_continued_after_a_restart()
    {
        await using (var log = await OpenAsync())
            await log.AppendAsync(Entry(1), CancellationToken.None);
        await using (var log = await OpenAsync())
            await log.AppendAsync(Entry(2), CancellationToken.None);

        Assert.Equal(4, Assert.IsType<AuditVerification.Intact>(AuditVerifier.Verify(LogFile)).Entries);
    }

    [Fact]
    public async Task A_log_longer_than_the_window_that_is_checked_is_continued()
    {
        await using (var log = await OpenAsync())
        {
            var long_ = Entry(1) with { Detail = new string('x', 900) };
            await Task.WhenAll(Enumerable.Range(0, 2500).Select(_ => log.AppendAsync(long_, CancellationToken.None)));
        }

        Assert.True(new FileInfo(LogFile).Length > 2 * 1024 * 1024);
        await using (var log = await OpenAsync())
            await log.AppendAsync(Entry(2), CancellationToken.None);
        Assert.Equal(2503, Assert.IsType<AuditVerification.Intact>(AuditVerifier.Verify(LogFile)).Entries);
    }

    [Theory]
    [InlineData("{\"seq\":3,\"ti")]
    [InlineData("\0\0\0\0")]
    [InlineData("x")]
    public async Task A_half_written_last_line_is_removed_and_that_is_recorded(string half)
    {
        await WriteAsync(1);
        File.AppendAllText(LogFile, half);

        await using (var log = await OpenAsync())
            await log.AppendAsync(Entry(2), CancellationToken.None);

        Assert.Equal(4, Assert.IsType<AuditVerification.Intact>(AuditVerifier.Verify(LogFile)).Entries);
        Assert.Contains(
            $"\"action\":\"started\",\"allowed\":true,\"detail\":\"a half-written last line of {half.Length} bytes was removed\"",
            File.ReadLines(LogFile).ElementAt(2), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_crash_at_any_byte_of_the_last_line_loses_only_that_line()
    {
        await WriteAsync(1);
        var whole = await File.ReadAllBytesAsync(LogFile);
        var lastLine = Array.LastIndexOf(whole, (byte)'\n', whole.Length - 2) + 1;

        foreach (var length in Enumerable.Range(lastLine, whole.Length - lastLine).Where(n => n % 17 == 0 || n > whole.Length - 5))
        {
            await File.WriteAllBytesAsync(LogFile, whole[..length]);
            await using (await OpenAsync())
            {
            }

            Assert.Equal(2, Assert.IsType<AuditVerification.Intact>(AuditVerifier.Verify(LogFile)).Entries);
        }
    }

    [Fact]
    public async Task A_crash_in_the_first_line_leaves_a_new_log()
    {
        _directory.Write("audit.jsonl", "{\"seq\":1,");

        await using (await OpenAsync())
        {
        }

        Assert.Equal(1, Assert.IsType<AuditVerification.Intact>(AuditVerifier.Verify(LogFile)).Entries);
    }

    [Fact]
    public async Task A_tampered_end_is_refused_with_advice_and_left_as_it_is()
    {
        await WriteAsync(3);
        var tampered = (await File.ReadAllTextAsync(LogFile)).Replace("\"version\":2,", "\"version\":7,", StringComparison.Ordinal);
        await File.WriteAllTextAsync(LogFile, tampered);

        var e = await Assert.ThrowsAsync<AuditUnavailableException>(OpenAsync);

        Assert.Contains("its hash does not fit its content", e.Message, StringComparison.Ordinal);
        Assert.Contains($"sidecarctl audit verify {LogFile}", e.Message, StringComparison.Ordinal);
        Assert.Equal(tampered, await File.ReadAllTextAsync(LogFile));
    }

    [Theory]
    [InlineData("not a log\n")]
    [InlineData("\n")]
    public async Task A_file_that_is_no_log_is_refused_and_left_as_it_is(string text)
    {
        _directory.Write("audit.jsonl", text);

        await Assert.ThrowsAsync<AuditUnavailableException>(OpenAsync);

        Assert.Equal(text, await File.ReadAllTextAsync(LogFile));
    }

    [Fact]
    public async Task A_long_file_that_is_no_log_is_refused()
    {
        _directory.Write("audit.jsonl", new string('x', 2 * 1024 * 1024));

        var e = await Assert.ThrowsAsync<AuditUnavailableException>(OpenAsync);

        Assert.Contains("a line that is longer than any entry", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_second_writer_is_kept_away()
    {
        await using var log = await OpenAsync();

        var e = await Assert.ThrowsAsync<AuditUnavailableException>(OpenAsync);

        Assert.Contains("only one broker may write it", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_directory_that_is_missing_or_in_the_way_is_said_so()
    {
        var missing = _directory.File("none/audit.jsonl");
        await Assert.ThrowsAsync<AuditUnavailableException>(() => OpenAsync(missing));
        Directory.CreateDirectory(LogFile);
        await Assert.ThrowsAsync<AuditUnavailableException>(OpenAsync);
    }

    [Fact]
    public async Task Whatever_an_entry_holds_it_stays_one_line_below_the_limit()
    {
        var worst = new string('\u0001', 20_000);
        await using (var log = await OpenAsync())
        {
            await log.AppendAsync(
                new AuditEntry(AuditAction.Authenticate, false, worst)
                {
                    Operator = worst,
                    Workload = new Workload(worst, worst, worst, worst, worst, worst),
                    Path = worst,
                    Fields = [.. Enumerable.Repeat(worst, 1000)],
                    LeaseId = worst,
                },
                CancellationToken.None);
            await log.AppendAsync(
                new AuditEntry(AuditAction.Authenticate, false, "line\nfeed \u2028 \ud800 \u001b[0m\",\"hash\":\"x\"}"),
                CancellationToken.None);
        }

        Assert.Equal(3, Assert.IsType<AuditVerification.Intact>(AuditVerifier.Verify(LogFile)).Entries);
        Assert.InRange(File.ReadLines(LogFile).Max(line => line.Length), 100_000, AuditLine.MaxLength - 1);
    }

    [Fact]
    public async Task After_the_end_nothing_is_taken_any_more()
    {
        var log = await OpenAsync();
        await log.DisposeAsync();

        var e = await Assert.ThrowsAsync<AuditUnavailableException>(() => log.AppendAsync(Entry(1), CancellationToken.None));

        Assert.Equal("the audit log is closed", e.Message);
    }

    private static void AssertStarts(string expected, string line) =>
        Assert.StartsWith(expected.Replace('\'', '"'), line, StringComparison.Ordinal);

    private async Task WriteAsync(int entries)
    {
        await using var log = await OpenAsync();
        for (var i = 1; i <= entries; i++)
            await log.AppendAsync(Entry((ulong)i), CancellationToken.None);
    }

    private Task<AuditLog> OpenAsync() => OpenAsync(LogFile);

    private Task<AuditLog> OpenAsync(string file) => AuditLog.OpenAsync(AuditLogs.At(file), _clock, NullLogger<AuditLog>.Instance);

    private static AuditEntry Entry(ulong version) =>
        new(AuditAction.Issue, true) { Workload = Orders, Path = "kv/shop/orders", Version = version };
}
