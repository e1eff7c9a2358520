using Microsoft.Extensions.Logging.Abstractions;
using SidecarAgent.Broker.Audit;
using SidecarAgent.Broker.Secrets;
using SidecarAgent.Testing;

namespace SidecarAgent.Broker.Tests.Audit;

public sealed class AuditHistoryTests : IDisposable
{
    private readonly TempDirectory _directory = TempDirectory.Create();

    private string LogFile => _directory.File("audit.jsonl");

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task What_full_files_say_comes_before_what_the_present_one_says()
    {
        await WriteAsync(maxBytes: 600, entries: 20);

        Assert.True(AuditSegments.Full(LogFile).Count > 4);
        Assert.Equal(Enumerable.Range(2, 20).Select(n => (long)n), Sequences());
    }

    [Fact]
    public async Task A_file_that_is_met_under_two_names_counts_once()
    {
        await WriteAsync(maxBytes: 1024 * 1024, entries: 3);
        File.Copy(LogFile, AuditSegments.Name(LogFile, 4));

        Assert.Equal([2, 3, 4], Sequences());
    }

    [Fact]
    public async Task A_line_that_is_no_entry_is_refused_with_advice()
    {
        await WriteAsync(maxBytes: 1024 * 1024, entries: 1);
        await File.AppendAllTextAsync(LogFile, "\"path\":\"kv/shop/orders\"\n");

        Assert.Contains("audit verify", Assert.Throws<AuditUnavailableException>(Sequences).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_line_longer_than_any_entry_hides_nothing_that_comes_after_it()
    {
        await WriteAsync(maxBytes: 1024 * 1024, entries: 1);
        var lines = await File.ReadAllLinesAsync(LogFile);
        await File.WriteAllLinesAsync(LogFile, [lines[0], new string('x', 2 * 1024 * 1024), lines[1]]);

        Assert.Contains("audit verify", Assert.Throws<AuditUnavailableException>(Sequences).Message, StringComparison.Ordinal);
    }

    private List<long> Sequences()
    {
        Assert.True(SecretPath.TryParse("kv/shop/orders", out var path, out _));
        return [.. new AuditHistory(AuditLogs.At(LogFile)).Of(path, 1, CancellationToken.None).Records.Select(record => record.Sequence)];
    }

    private async Task WriteAsync(long maxBytes, int entries)
    {
        await using var log = await AuditLog.OpenAsync(
            AuditLogs.At(LogFile, maxBytes), TimeProvider.System, NullLogger<AuditLog>.Instance);
        for (var i = 0; i < entries; i++)
            await log.AppendAsync(new AuditEntry(AuditAction.Renew, true) { Path = "kv/shop/orders", Version = 1 }, CancellationToken.None);
    }
}
