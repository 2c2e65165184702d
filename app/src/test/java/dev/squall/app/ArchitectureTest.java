package dev.squall.app;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Imports run one way, and what the design forbids stays out. */
class ArchitectureTest {
    private static JavaClasses squall;

    @BeforeAll
    static void readClasses() {
        squall = new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests())
                .withImportOption(location -> !location.contains("-tests.jar"))
                .importPackages("dev.squall", "uk.ac.manchester.tornado");
    }

    @Test
    void importsRunOneWay() {
        layeredArchitecture()
                .consideringOnlyDependenciesInLayers()
                .layer("tornado")
                .definedBy("uk.ac.manchester.tornado..", "dev.squall.tornado..")
                .layer("kernels")
                .definedBy("dev.squall.kernels..")
                .layer("attention")
                .definedBy("dev.squall.attention..")
                .layer("model")
                .definedBy("dev.squall.model..")
                .layer("decoding")
                .definedBy("dev.squall", "dev.squall.decoding..")
                .layer("training")
                .definedBy("dev.squall.training..")
                .layer("classification")
                .definedBy("dev.squall.classification..")
                .layer("bundled")
                .definedBy("dev.squall.bundled..")
                .layer("app")
                .definedBy("dev.squall.app..")
                .whereLayer("app")
                .mayNotBeAccessedByAnyLayer()
                .whereLayer("bundled")
                .mayOnlyBeAccessedByLayers("decoding", "app")
                .whereLayer("classification")
                .mayOnlyBeAccessedByLayers("app")
                .whereLayer("training")
                .mayOnlyBeAccessedByLayers("classification", "app")
                .whereLayer("decoding")
                .mayOnlyBeAccessedByLayers("app")
                .whereLayer("model")
                .mayOnlyBeAccessedByLayers("decoding", "training", "classification", "app")
                .whereLayer("attention")
                .mayOnlyBeAccessedByLayers("model", "decoding", "training", "classification", "app")
                .whereLayer("kernels")
                .mayOnlyBeAccessedByLayers("attention", "model", "decoding", "training", "classification", "app")
                .check(squall);
    }

    @Test
    void publicFaceShowsNoTornadoType() {
        noClasses()
                .that()
                .resideInAPackage("dev.squall")
                .and()
                .arePublic()
                .should()
                .dependOnClassesThat()
                .resideInAPackage("uk.ac.manchester.tornado..")
                .check(squall);
    }

    @Test
    void libraryNeverPrintsOrExits() {
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.squall.app..")
                .should()
                .accessField(System.class, "out")
                .orShould()
                .accessField(System.class, "err")
                .orShould()
                .callMethod(System.class, "exit", int.class)
                .check(squall);
    }

    @Test
    void onlySettingsReadsSystemProperties() {
        noClasses()
                .that(new com.tngtech.archunit.base.DescribedPredicate<JavaClass>("are library classes but Settings") {
                    @Override
                    public boolean test(JavaClass type) {
                        return !type.getPackageName().startsWith("dev.squall.app")
                                && !type.getSimpleName().equals("Settings");
                    }
                })
                .should()
                .callMethod(System.class, "getProperty", String.class)
                .orShould()
                .callMethod(System.class, "getProperty", String.class, String.class)
                .orShould()
                .callMethod(Integer.class, "getInteger", String.class)
                .orShould()
                .callMethod(Boolean.class, "getBoolean", String.class)
                .check(squall);
    }
}
