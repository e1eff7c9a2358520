using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging.Abstractions;
using SidecarAgent.Broker.Audit;
using SidecarAgent.Testing;

namespace SidecarAgent.Broker.Tests.Audit;

public sealed class FullDiskTests : IDisposable
{
    /// <summary>Far above what any other test writes, because the limit is the whole process's.</summary>
    private const long Start = 4L * 1024 * 1024 * 1024;

    private readonly TempDirectory _directory = TempDirectory.Create();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_log_on_a_full_disk_cannot_be_begun()
    {
        var link = _directory.File("audit.jsonl");
        File.CreateSymbolicLink(link, "/dev/full");

        var e = await Assert.ThrowsAsync<AuditUnavailableException>(() => OpenAsync(link));

        Assert.Contains("No space left on device", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_log_that_cannot_grow_refuses_every_entry_until_it_can()
    {
        var file = await LogThatBeginsAtAsync(Start);
        await using (var log = await OpenAsync(file))
        {
            using (new FileSizeLimit((ulong)Start + 3000))
            {
                var refused = 0;
                for (var i = 0; i < 20; i++)
                    refused += await TryAppendAsync(log) ? 0 : 1;
                Assert.InRange(refused, 1, 19);
                Assert.False(await TryAppendAsync(log));
            }

            Assert.True(await TryAppendAsync(log));
        }

        // Nothing half-written is left between the entries: the end is a chain, and only of acknowledged entries.
        using var stream = File.OpenRead(file);
        var tail = AuditTail.Read(stream, AuditHead.None);
        Assert.Equal(0, tail.HalfWritten);
        Assert.Equal(_acknowledged, tail.Head.Sequence);
    }

    private long _acknowledged;

    private async Task<bool> TryAppendAsync(AuditLog log)
    {
        try
        {
            await log.AppendAsync(new AuditEntry(AuditAction.Renew, true), CancellationToken.None);
            _acknowledged++;
            return true;
        }
        catch (AuditUnavailableException e)
        {
            Assert.Contains("cannot be written", e.Message, StringComparison.Ordinal);
            return false;
        }
    }

    /// <summary>A log after a long hole, which takes no room on the disk, so that only it meets the limit.</summary>
    private async Task<string> LogThatBeginsAtAsync(long offset)
    {
        var file = _directory.File("audit.jsonl");
        await using (await OpenAsync(file))
        {
        }

        var line = await File.ReadAllBytesAsync(file);
        await using var stream = File.OpenWrite(file);
        stream.SetLength(0);
        stream.Position = offset - line.Length - 1;
        stream.WriteByte((byte)'\n');
        stream.Write(line);
        _acknowledged = 2;
        return file;
    }

    private static Task<AuditLog> OpenAsync(string file) =>
        AuditLog.OpenAsync(AuditLogs.At(file, maxBytes: long.MaxValue), TimeProvider.System, NullLogger<AuditLog>.Instance);

    /// <summary>No file of this process may grow beyond it (RLIMIT_FSIZE of setrlimit(2)).</summary>
    private sealed class FileSizeLimit : IDisposable
    {
        private const int RlimitFileSize = 1;
        private const int SigXfsz = 25;
        private const nint SigIgnore = 1;

        private readonly Limit _before;

        public FileSizeLimit(ulong bytes)
        {
            // The signal comes with EFBIG and would end the process. It may stay ignored: nobody else's files are so large.
            Assert.NotEqual(-1, SetSignal(SigXfsz, SigIgnore));
            Assert.Equal(0, GetLimit(RlimitFileSize, out _before));
            Set(_before with { Soft = bytes });
        }

        public void Dispose() => Set(_before);

        private static void Set(Limit limit) => Assert.Equal(0, SetLimit(RlimitFileSize, in limit));

        [DllImport("libc", EntryPoint = "getrlimit")]
        private static extern int GetLimit(int resource, out Limit limit);

        [DllImport("libc", EntryPoint = "setrlimit")]
        private static extern int SetLimit(int resource, in Limit limit);

        [DllImport("libc", EntryPoint = "signal")]
        private static extern nint SetSignal(int signal, nint handler);

        [StructLayout(LayoutKind.Sequential)]
        private record struct Limit(ulong Soft, ulong Hard);
    }
}
