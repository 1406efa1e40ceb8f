namespace Containerize.Tests.Checks;

/// <summary>CTZ6001 to CTZ6004 and CTZ6012: what the application's native files ask for.</summary>
public sealed class NativeFileTests
{
    private static readonly ElfBytes Arm64Library = new() { Machine = ElfBytes.Arm64, Needed = ["libc.so.6"] };

    [Fact]
    public void What_fits_is_not_mentioned()
    {
        using var debian = TestImage.OnDebian().Own("app/libown.so", ElfBytes.GlibcLibrary).Own("app/tool", ElfBytes.GlibcProgram);
        debian.FindsNothing();
        using var alpine = TestImage.OnAlpine().For("linux-musl-x64").Own("app/libown.so", ElfBytes.MuslLibrary)
            .Own("app/tool", ElfBytes.MuslProgram);
        alpine.FindsNothing();
    }

    [Fact]
    public void Glibc_on_musl()
    {
        using var image = TestImage.OnAlpine().Own("app/libb.so", ElfBytes.GlibcLibrary).Own("app/liba.so", ElfBytes.GlibcLibrary)
            .Own("app/tool", ElfBytes.GlibcProgram);
        Assert.Equal(
            "/app/libb.so and 2 others are made for glibc, and the base image 'registry.example/base:1' has musl: "
                + "programs do not start there, and most libraries do not load. Publish with --runtime linux-musl-x64, or choose a "
                + "base with glibc.",
            image.Finds(ErrorCodes.LibcMismatch));
    }

    [Fact]
    public void Musl_on_glibc()
    {
        using var image = TestImage.OnDebian().For("linux-musl-x64").Own("app/libown.so", ElfBytes.MuslLibrary);
        Assert.Equal(
            "/app/libown.so is made for musl, and the base image 'registry.example/base:1' has glibc: "
                + "programs do not start there, and most libraries do not load. Publish with --runtime linux-x64, or choose a base "
                + "with musl.",
            image.Finds(ErrorCodes.LibcMismatch));
    }

    [Fact]
    public void A_package_without_files_for_musl()
    {
        using var image = TestImage.OnAlpine().For("linux-musl-x64").Own("app/runtimes/linux-x64/native/libown.so", ElfBytes.GlibcLibrary);
        Assert.Contains(
            "Use packages that bring files for musl, or choose a base with glibc.",
            image.Finds(ErrorCodes.LibcMismatch),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("app/runtimes/linux-x64/native/libown.so", "app/runtimes/linux-musl-x64/native/libown.so")]
    [InlineData("app/librdkafka.so", "app/alpine-librdkafka.so")]
    [InlineData("app/libown_glibc_x86_64.so.1", "app/libown-musl-x64.so.1")]
    public void A_variant_that_fits_is_enough(string glibc, string musl)
    {
        using var alpine = TestImage.OnAlpine().Own(glibc, ElfBytes.GlibcLibrary).Own(musl, ElfBytes.MuslLibrary);
        alpine.FindsNothing();
        using var debian = TestImage.OnDebian().Own(glibc, ElfBytes.GlibcLibrary).Own(musl, ElfBytes.MuslLibrary);
        debian.FindsNothing();
    }

    [Fact]
    public void The_runtime_identifier_of_a_runtime_that_is_published_along()
    {
        using var image = TestImage.OnAlpine().For("linux-x64").Starts("/app/run.sh").Own("app/run.sh", "#!/bin/sh\n");
        image.FindsNothing();
        image.Needs = image.Needs with { IsSelfContained = true };
        Assert.StartsWith(
            "The runtime that is published for linux-x64 is made for glibc, and ",
            image.Finds(ErrorCodes.LibcMismatch),
            StringComparison.Ordinal);
        // Native programs may be static, and then run anywhere.
        image.Needs = image.Needs with { IsNativeAot = true };
        image.FindsNothing();
    }

    [Fact]
    public void A_base_with_both_runs_both()
    {
        using var image = TestImage.OnAlpine().Base("lib/ld-linux-x86-64.so.2", "lib64/ld-linux-x86-64.so.2")
            .Own("app/libown.so", ElfBytes.GlibcLibrary).Own("app/tool", ElfBytes.GlibcProgram);
        image.FindsNothing();
    }

    [Fact]
    public void A_start_program_that_is_not_started_does_not_matter()
    {
        using var unused = TestImage.OnAlpine().Own("app/Shop", ElfBytes.GlibcProgram);
        unused.FindsNothing();
        using var used = TestImage.OnAlpine().Own("app/Shop", ElfBytes.GlibcProgram).Starts("/app/Shop");
        used.Finds(ErrorCodes.LibcMismatch);
    }

    [Fact]
    public void Another_processor()
    {
        using var image = TestImage.OnDebian().Own("app/libown.so", Arm64Library).Own("app/libother.so", Arm64Library);
        Assert.Equal(
            "/app/libown.so and /app/libother.so are made for arm64, and the image is for linux/amd64. "
                + "Publish the files for linux-x64, or set ContainerRuntimeIdentifier to what they are made for.",
            image.Finds(ErrorCodes.ArchitectureMismatch));
    }

    [Theory]
    [InlineData("app/x64/libown.so", "app/arm64/libown.so")]
    [InlineData("app/libown-x64.so", "app/libown-arm64.so")]
    [InlineData("app/tools/linux-x86_64/tool", "app/tools/linux-aarch64/tool")]
    public void A_variant_for_the_right_processor_is_enough(string right, string wrong)
    {
        using var image = TestImage.OnDebian().Own(right, ElfBytes.GlibcLibrary).Own(wrong, Arm64Library);
        image.FindsNothing();
        using var alone = TestImage.OnDebian().Own(wrong, Arm64Library);
        alone.Finds(ErrorCodes.ArchitectureMismatch);
    }

    [Fact]
    public void Programs_of_the_32_bit_predecessor_run_where_their_loader_is()
    {
        var program = new ElfBytes { Is64 = false, Machine = ElfBytes.I386, Interpreter = "/lib/ld-linux.so.2" };
        using var with = TestImage.OnDebian().Base("usr/lib/ld-linux.so.2").Own("app/tool", program);
        with.FindsNothing();
        using var without = TestImage.OnDebian().Own("app/tool", program);
        without.Finds(ErrorCodes.ArchitectureMismatch);
        using var library = TestImage.OnDebian().Base("usr/lib/ld-linux.so.2").Own("app/libown.so", program with { Interpreter = null });
        library.Finds(ErrorCodes.ArchitectureMismatch);
    }

    [Fact]
    public void What_is_not_run_in_the_image_does_not_matter()
    {
        using var image = TestImage.OnDebian()
            .Own("app/module.ko", Arm64Library with { Type = 1 })
            .Own("app/core", Arm64Library with { Type = 4 })
            .Own("app/picture.png", Arm64Library)
            .Own("app/data.bin", "no program");
        image.FindsNothing();
    }

    [Fact]
    public void A_program_whose_loader_is_missing()
    {
        using var image = TestImage.OnDebian().Own("app/tool", ElfBytes.GlibcProgram with { Interpreter = "/opt/ld-linux-x86-64.so.2" });
        Assert.Equal(
            "/app/tool cannot be started: the loader /opt/ld-linux-x86-64.so.2 that it asks for is not in the base image "
                + "'registry.example/base:1'. Choose a base that has it.",
            image.Finds(ErrorCodes.InterpreterMissing));
    }

    [Fact]
    public void A_dynamic_program_on_nothing()
    {
        using var image = TestImage.OnScratch().Own("app/Shop", ElfBytes.GlibcProgram);
        Assert.Equal(
            "/app/Shop cannot be started: the loader /lib64/ld-linux-x86-64.so.2 that it asks for is not in the base image "
                + "'scratch'. Choose a base with glibc, or publish a program without it (PublishAot with StaticExecutable).",
            image.Finds(ErrorCodes.InterpreterMissing));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void A_static_program_on_nothing_is_fine(int type)
    {
        using var image = TestImage.OnScratch().Own("app/Shop", new ElfBytes { Type = type, Pie = true });
        image.FindsNothing();
    }

    [Fact]
    public void Glibc_that_is_too_old()
    {
        using var image = TestImage.OnDebian()
            .Own("app/libold.so", ElfBytes.GlibcLibrary with { Versions = [("libc.so.6", ["GLIBC_2.36", "GLIBC_2.9"])] })
            .Own("app/libnew.so", ElfBytes.GlibcLibrary with { Versions = [("libc.so.6", ["GLIBC_2.37"])] })
            .Own(
                "app/libnewest.so",
                ElfBytes.GlibcLibrary with { Needed = ["libm.so.6"], Versions = [(
                    "libm.so.6", ["GLIBC_2.38"]), ("libc.so.6", ["GLIBC_2.2.5"])] });
        Assert.Equal(
            "/app/libnewest.so and /app/libnew.so need GLIBC_2.38, and the base image 'registry.example/base:1' has at most "
                + "GLIBC_2.36: what is built on a newer system does not load on an older one. "
                + "Choose a newer base, or build on the oldest system that it should run on.",
            image.Finds(ErrorCodes.SymbolVersionTooNew));
    }

    [Fact]
    public void Both_libraries_that_are_too_old_are_one_cause()
    {
        using var image = TestImage.OnDebian().Own("app/libown.so", new ElfBytes
        {
            Needed = ["libstdc++.so.6", "libc.so.6"],
            Versions = [(
                "libstdc++.so.6",
                ["GLIBCXX_3.4.32", "CXXABI_1.3.15"]), ("libc.so.6", ["GLIBC_2.38", "GLIBC_ABI_DT_RELR", "GLIBC_PRIVATE"])],
        });
        Assert.Contains(
            "/app/libown.so needs GLIBC_2.38, and the base image 'registry.example/base:1' has at most GLIBC_2.36; "
                + "/app/libown.so needs GLIBCXX_3.4.32, and the base image 'registry.example/base:1' has at most GLIBCXX_3.4.30:",
            image.Finds(ErrorCodes.SymbolVersionTooNew),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Versions_that_cannot_be_compared_are_not_found_wanting()
    {
        var newest = ElfBytes.GlibcLibrary with { Needed = ["libstdc++.so.6", "libc.so.6"], Versions = [(
            "libstdc++.so.6", ["GLIBCXX_3.4.99"]), ("libc.so.6", ["GLIBC_2.99"])] };
        // A base of which no versions are known.
        using var unknown = TestImage.OnDebian().Versions("usr/lib/x86_64-linux-gnu/libc.so.6")
            .Versions("usr/lib/x86_64-linux-gnu/libstdc++.so.6.0.30").Own("app/libown.so", newest);
        unknown.FindsNothing();
        // An application that brings its own library.
        using var own = TestImage.OnDebian().Versions("usr/lib/x86_64-linux-gnu/libc.so.6").Own("app/libown.so", newest)
            .Own("app/libstdc++.so.6", ElfBytes.GlibcLibrary);
        own.FindsNothing();
        // What it can do without.
        using var weak = TestImage.OnDebian()
            .Own("app/libown.so", ElfBytes.GlibcLibrary with { Versions = [("libc.so.6", ["GLIBC_2.99?"])] });
        weak.FindsNothing();
        // A package that also has a file for older systems.
        using var variant = TestImage.OnDebian().Own("app/libown.so", newest).Own("app/centos8-libown.so", ElfBytes.GlibcLibrary);
        variant.FindsNothing();
    }

    [Fact]
    public void A_shared_library_that_is_missing()
    {
        using var image = TestImage.OnDebian()
            .Own("app/libSkiaSharp.so", ElfBytes.GlibcLibrary with { Needed = ["libfontconfig.so.1", "libc.so.6"] });
        Assert.Equal(
            "The image lacks a shared library that the application's native files are linked against: "
                + "libfontconfig.so.1 (for /app/libSkiaSharp.so). Choose a base that has it instead of 'registry.example/base:1', or "
                + "publish it with the application.",
            image.Finds(ErrorCodes.SharedLibraryMissing));
    }

    [Fact]
    public void Many_shared_libraries_that_are_missing_are_one_finding()
    {
        using var image = TestImage.OnDebian()
            .Own("app/chrome", ElfBytes.GlibcProgram with { Needed = [.. Enumerable.Range(1, 9).Select(i => $"libx{i}.so.1")] })
            .Own("app/helper", ElfBytes.GlibcProgram with { Needed = ["libx1.so.1"] });
        Assert.Contains(
            "libx1.so.1 (for /app/chrome and /app/helper), libx2.so.1 (for /app/chrome), libx3.so.1 (for /app/chrome), libx4.so.1 "
                + "(for /app/chrome) and 5 others.",
            image.Finds(ErrorCodes.SharedLibraryMissing),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("usr/lib/x86_64-linux-gnu/libown.so.1", null, null)]
    [InlineData("usr/local/lib/libown.so.1", null, null)]
    [InlineData("opt/own/libown.so.1", "LD_LIBRARY_PATH", "/opt/other:/opt/own")]
    [InlineData("opt/own/libown.so.1", null, null)] // Its directory may be in /etc/ld.so.conf.
    public void A_shared_library_of_the_base_is_found(string path, string? variable, string? value)
    {
        using var image = TestImage.OnDebian().Base(path).Own("app/libuser.so", ElfBytes.GlibcLibrary with { Needed = ["libown.so.1"] });
        if (variable is not null)
            image.Environment(variable, value!);
        image.FindsNothing();
    }

    [Theory]
    [InlineData("app/libown.so.1", null, null, null)]
    [InlineData("app/lib/libown.so.1", "$ORIGIN/lib", null, null)]
    [InlineData("app/lib/libown.so.1", null, "/nowhere:${ORIGIN}/lib", null)]
    [InlineData("app/native/own.so", null, null, "libown.so.1")]
    public void A_shared_library_of_the_application_is_found(string path, string? rpath, string? runpath, string? soName)
    {
        using var image = TestImage.OnDebian()
            .Own(path, ElfBytes.GlibcLibrary with { SoName = soName })
            .Own("app/libuser.so", ElfBytes.GlibcLibrary with { Needed = ["libown.so.1"], RPath = rpath, RunPath = runpath });
        image.FindsNothing();
    }

    [Fact]
    public void A_link_to_nothing_is_no_library()
    {
        using var image = TestImage.OnDebian().Base("usr/lib/libown.so.1 -> libown.so.1.2")
            .Own("app/libuser.so", ElfBytes.GlibcLibrary with { Needed = ["libown.so.1"] });
        image.Finds(ErrorCodes.SharedLibraryMissing);
    }

    [Fact]
    public void Libraries_that_come_from_elsewhere_are_not_missed()
    {
        using var driver = TestImage.OnDebian()
            .Own("app/libgpu.so", ElfBytes.GlibcLibrary with { Needed = ["libcuda.so.1", "libnvidia-ml.so.1"] });
        driver.FindsNothing();
        using var tracing = TestImage.OnDebian()
            .Own("app/libcoreclrtraceptprovider.so", ElfBytes.GlibcLibrary with { Needed = ["liblttng-ust.so.0"] });
        tracing.FindsNothing();
        // Musl's loader is all of these.
        using var musl = TestImage.OnAlpine().For("linux-musl-x64")
            .Own(
                "app/libown.so",
                ElfBytes.MuslLibrary with { Needed = ["libc.so", "libpthread.so.0", "libm.so.6", "libc.musl-x86_64.so.1"] });
        musl.FindsNothing();
    }

    [Fact]
    public void What_does_not_fit_at_all_is_said_once()
    {
        using var image = TestImage.OnAlpine()
            .Own(
                "app/libown.so",
                ElfBytes.GlibcLibrary with { Needed = ["libc.so.6", "libfontconfig.so.1"], Versions = [("libc.so.6", ["GLIBC_2.99"])] });
        image.Finds(ErrorCodes.LibcMismatch);
    }
}
